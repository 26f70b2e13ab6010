"""Tables of orders: the orders, what happened to them, the units that are sold, what goes back, the address books."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from luxe.kernel.personal import personal
from luxe.kernel.tables import service_metadata

metadata = service_metadata("orders")

_BOOKS = personal("account_id", "to deliver and to prove the sale", "keep", "bookkeeping")
_GIFT = personal("account_id", "to write the gift card", "blank")
_NOTED = personal("account_id", "to serve an order as its member wishes", "delete")
_BOOK = personal("account_id", "to offer known addresses at checkout", "delete")

orders = Table(
    "orders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("run", Text, nullable=False, unique=True),
    Column("account_id", Text, nullable=False, info=_BOOKS),
    Column("state", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("goods", BigInteger, nullable=False),
    Column("delivery", BigInteger, nullable=False),
    Column("points", Integer, nullable=False),
    Column("points_worth", BigInteger, nullable=False),
    Column("payable", BigInteger, nullable=False),
    Column("lines", JSONB, nullable=False),
    Column("serials", JSONB, nullable=False, server_default="{}"),
    Column("address", JSONB, nullable=False, info=_BOOKS),
    Column("deliver_on", Date, nullable=False),
    Column("gift_message", Text, nullable=False, info=_GIFT),
    Column("gift_wrap", Boolean, nullable=False),
    Column("intent_id", Text, nullable=False, server_default=""),
    Column("points_earned", Integer, nullable=False, server_default="0"),
    Column("placed_at", DateTime(timezone=True), nullable=False),
    Column("paid_at", DateTime(timezone=True)),
    Column("discount", BigInteger, nullable=False, server_default="0"),
    Column("tax_added", BigInteger, nullable=False, server_default="0"),
    Column("gift_worth", BigInteger, nullable=False, server_default="0"),
    Column("terms", JSONB, nullable=False, server_default="{}", info=_BOOKS),
    CheckConstraint(
        "payable = goods - discount + delivery + tax_added - points_worth - gift_worth AND payable >= 0"
        " AND discount >= 0 AND tax_added >= 0 AND gift_worth >= 0",
        name="sums",
    ),
    CheckConstraint(
        "CASE state WHEN 'placed' THEN paid_at IS NULL WHEN 'cancelled' THEN true ELSE paid_at IS NOT NULL END",
        name="paid_has_time",
    ),
)
Index("ix_orders_account_id_id", orders.c.account_id, orders.c.id)
AWAITING_SHIPMENT = ("paid", "partly_shipped")
Index("ix_orders_to_ship", orders.c.id, postgresql_where=orders.c.state.in_(AWAITING_SHIPMENT))

runs = Table(
    "runs",
    metadata,
    Column("run", Text, primary_key=True),
    Column("closed", Boolean, nullable=False),
    comment="A closed run places no order any more, however late it asks. Placing and cancelling meet at this row.",
)

timeline = Table(
    "timeline",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("order_id", Text, nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("what", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False),
    info={"append_only": True},
)

sold_units = Table(
    "sold_units",
    metadata,
    Column("variant_id", Text, primary_key=True),
    Column("serial", Text, primary_key=True),
    Column("order_id", Text, nullable=False, index=True),
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run", Text, nullable=False, unique=True),
    Column("order_id", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("goods", BigInteger, nullable=False),
    Column("gift", BigInteger, nullable=False, server_default="0"),
    Column("reason", Text, nullable=False),
    Column("points_back", BigInteger, nullable=False, server_default="0"),
    Column("points_taken", BigInteger, nullable=False, server_default="0"),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("done_at", DateTime(timezone=True)),
    CheckConstraint("(amount >= goods OR kind = 'edit') AND goods >= 0", name="goods_within_amount"),
    CheckConstraint("amount >= gift AND gift >= 0", name="gift_within_amount"),
    CheckConstraint("(state = 'pending') = (done_at IS NULL)", name="pending_has_no_end"),
    comment="A row without an order says that a run may set nothing aside any more.",
)

returns = Table(
    "returns",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("run", Text, nullable=False, unique=True),
    Column("order_id", Text, nullable=False, index=True),
    Column("account_id", Text, nullable=False, info=_BOOKS),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, info=_BOOKS),
    Column("decision", Text, nullable=False, server_default=""),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    comment="A row without an order says that a run may request nothing any more.",
)
Index("ix_returns_account_id_id", returns.c.account_id, returns.c.id)
Index("ix_returns_open", returns.c.state, returns.c.id)

return_units = Table(
    "return_units",
    metadata,
    Column("return_id", Text, primary_key=True),
    Column("variant_id", Text, primary_key=True),
    Column("serial", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("accepted", Boolean),
    Column("condition", Text, nullable=False, server_default=""),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("return_id", Text, primary_key=True),
    Column("run", Text, nullable=False, unique=True),
    Column("order_id", Text, nullable=False, index=True),
    Column("wanted", JSONB, nullable=False),
    Column("currency", Text, nullable=False),
    Column("owed", BigInteger),
    Column("pay_until", DateTime(timezone=True)),
    Column("replacement_id", Text, nullable=False, server_default=""),
    Column("freed_by", Text, nullable=False, server_default=""),
    comment="Beside the return of each unit that comes back for another piece.",
)
Index(
    "ix_exchanges_replacement", exchanges.c.replacement_id, postgresql_where=exchanges.c.replacement_id != ""
)
Index("ix_exchanges_freed_by", exchanges.c.freed_by, postgresql_where=exchanges.c.freed_by != "")

bills = Table(
    "bills",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False, unique=True),
    Column("series", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("refund_id", Text, nullable=False, comment="Empty for an invoice, of which an order has one."),
    Column("account_id", Text, nullable=False, info=_BOOKS),
    Column("locale", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("content", JSONB, nullable=False, info=_BOOKS),
    Column("sheet", JSONB, nullable=False, info=_BOOKS, comment="Every word as it was printed."),
    UniqueConstraint("order_id", "refund_id"),
    UniqueConstraint("series", "year", "place"),
    info={"append_only": True},
)

bill_numbers = Table(
    "bill_numbers",
    metadata,
    Column("series", Text, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("given", Integer, nullable=False),
    comment="Raised in the transaction that issues: a number that was not used is given to the next.",
)

edits = Table(
    "edits",
    metadata,
    Column("id", Text, primary_key=True),
    Column("order_id", Text, nullable=False, index=True),
    Column("account_id", Text, nullable=False, info=_BOOKS),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("before", JSONB, nullable=False, info=_BOOKS),
    Column("after", JSONB, nullable=False, info=_BOOKS),
    info={"append_only": True},
)

line_edits = Table(
    "line_edits",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run", Text, nullable=False, unique=True),
    Column("order_id", Text, nullable=False, index=True),
    Column("account_id", Text, nullable=False, info=_BOOKS),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False, info=_BOOKS),
    Column("before", JSONB, nullable=False, info=_BOOKS),
    Column("after", JSONB, nullable=False, info=_BOOKS),
    Column("units", JSONB, nullable=False),
    info={"append_only": True},
    comment="How far an edit has come, the refund of its run tells.",
)

notes = Table(
    "notes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("order_id", Text, nullable=False),
    Column("account_id", Text, nullable=False, info=_NOTED),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("text", Text, nullable=False, info=_NOTED),
    Column("key", Text, nullable=False),
    UniqueConstraint("order_id", "key"),
)

addresses = Table(
    "addresses",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False, info=_BOOK),
    Column("fingerprint", Text, nullable=False),
    Column("address", JSONB, nullable=False, info=_BOOK),
    Column("used_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("account_id", "fingerprint"),
)
Index("ix_addresses_account_id_used_at", addresses.c.account_id, addresses.c.used_at.desc())
