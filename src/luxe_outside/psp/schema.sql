CREATE TABLE IF NOT EXISTS intents (
    id TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    amount_captured INTEGER NOT NULL CHECK (amount_captured BETWEEN 0 AND amount),
    amount_refunded INTEGER NOT NULL CHECK (amount_refunded BETWEEN 0 AND amount_captured),
    currency TEXT NOT NULL,
    reference TEXT NOT NULL,
    return_url TEXT NOT NULL,
    webhook_url TEXT,
    description TEXT NOT NULL,
    locale TEXT NOT NULL,
    capture TEXT NOT NULL,
    methods TEXT NOT NULL,
    method_type TEXT,
    method_brand TEXT,
    method_last4 TEXT,
    failure_code TEXT,
    created INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    action TEXT,
    action_due REAL,
    tries_left INTEGER NOT NULL,
    pending_failure TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS intents_by_reference ON intents (reference);
CREATE INDEX IF NOT EXISTS intents_to_expire ON intents (expires_at)
    WHERE status IN ('requires_method', 'requires_action');
CREATE INDEX IF NOT EXISTS intents_to_process ON intents (action_due) WHERE action_due IS NOT NULL;

CREATE TABLE IF NOT EXISTS refunds (
    id TEXT PRIMARY KEY,
    intent_id TEXT NOT NULL REFERENCES intents (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    reference TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS refunds_by_intent ON refunds (intent_id);

CREATE TABLE IF NOT EXISTS captures (
    id TEXT PRIMARY KEY,
    intent_id TEXT NOT NULL REFERENCES intents (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    reference TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS captures_by_intent ON captures (intent_id);

CREATE TABLE IF NOT EXISTS disputes (
    id TEXT PRIMARY KEY,
    intent_id TEXT NOT NULL REFERENCES intents (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'won', 'lost')),
    created INTEGER NOT NULL,
    closed REAL
) STRICT;
CREATE INDEX IF NOT EXISTS disputes_by_intent ON disputes (intent_id);

CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    intent_id TEXT NOT NULL REFERENCES intents (id),
    type TEXT NOT NULL,
    body BLOB NOT NULL,
    url TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'lost', 'abandoned')),
    due REAL NOT NULL,
    held INTEGER NOT NULL,
    copies INTEGER NOT NULL,
    forged INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    created REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS events_pending ON events (due) WHERE state = 'pending';

CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    effect TEXT NOT NULL,
    intent_id TEXT NOT NULL REFERENCES intents (id),
    amount INTEGER NOT NULL,
    idempotency_key TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS captures_by_time ON journal (at) WHERE effect = 'capture';
