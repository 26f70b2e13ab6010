"""The simulators as processes: ready, stopped, killed, orphaned, misused."""

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from tests.outside.parties import (
    Listener,
    Merchant,
    Party,
    command,
    eventually,
    start_mail,
    start_psp,
)


def run(module: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    line, inherited = command(module, *options)
    return subprocess.run(line, env=inherited | environment, capture_output=True, text=True, timeout=20)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_both_answer_health_and_stop_on_a_signal(tmp_path: Path):
    for party, path in ((start_psp(tmp_path / "psp"), "/psp"), (start_mail(tmp_path / "mail"), "/mail")):
        assert party.ready["ready"] is True
        assert httpx.get(f"{party.url}{path}/health").json() == {"status": "ok"}
        assert party.stop() == 0


def test_a_call_that_hangs_does_not_keep_the_provider_alive(tmp_path: Path, listener: Listener):
    psp = start_psp(tmp_path)
    merchant = Merchant(psp, listener)
    merchant.fault(api={"operation": "create", "mode": "timeout_before", "hold_ms": 60_000})
    hanging = threading.Thread(target=merchant.post, args=("/v1/intents", merchant.order()))
    hanging.start()
    eventually(lambda: merchant.http.get("/control/faults").json()["api"][0]["count"], 0)
    began = time.monotonic()
    assert psp.stop() == 0
    assert time.monotonic() - began < 5
    hanging.join(5)


def test_a_taken_port_an_unusable_folder_and_a_missing_key_are_told(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = run("luxe_outside.psp", "--port", port, "--data", str(tmp_path))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"cannot listen on 127.0.0.1:{port}: Address already in use\n"
    file = tmp_path / "file"
    file.touch()
    unusable = run("luxe_outside.mail", "--smtp-port", "0", "--http-port", "0", "--data", str(file))
    assert (unusable.returncode, unusable.stderr) == (1, f"cannot use data folder {file}: File exists\n")
    keyless = run("luxe_outside.psp", "--port", "0", "--data", str(tmp_path), LUXE_PSP_KEY="")
    assert keyless.returncode == 1
    assert keyless.stderr.startswith("LUXE_PSP_KEY is not set")


def test_a_killed_parent_leaves_no_orphan(tmp_path: Path):
    line, environment = command("luxe_outside.psp", "--port", "0", "--data", str(tmp_path), "--parent-death")
    script = (
        f"import subprocess, time; p = subprocess.Popen({line!r}); print(p.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert json.loads(parent.stdout.readline())["ready"] is True
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate(timeout=10)
    eventually(lambda: alive(child), False)


class Payer(threading.Thread):
    """Creates, authorises and captures until the provider is gone, and keeps every acknowledgement."""

    def __init__(self, merchant: Merchant, number: int):
        super().__init__()
        self.merchant, self.number = merchant, number
        self.acknowledged: list[tuple[str, str]] = []
        self.captured: dict[str, dict[str, Any]] = {}
        self.interrupted = False

    def run(self) -> None:
        try:
            for turn in range(10_000):
                self.pay(f"ord_{self.number}_{turn}")
        except httpx.TransportError:
            self.interrupted = True

    def pay(self, reference: str) -> None:
        order = self.merchant.order(reference=reference)
        intent = self.merchant.post("/v1/intents", order, f"create_{reference}").json()["id"]
        self.acknowledged.append(("create", reference))
        self.merchant.authorise(intent)
        self.acknowledged.append(("authorise", reference))
        captured = self.merchant.capture(intent, key=f"capture_{reference}").json()
        self.acknowledged.append(("capture", reference))
        self.captured[reference] = captured


def test_kill_loses_nothing_acknowledged_and_keys_still_hold(tmp_path: Path, listener: Listener):
    psp = start_psp(tmp_path)
    payers = [Payer(Merchant(psp, listener), number) for number in range(6)]
    for payer in payers:
        payer.start()
    eventually(lambda: sum(len(payer.acknowledged) for payer in payers) >= 150, True, seconds=20)
    psp.kill()
    for payer in payers:
        payer.join(10)
    assert all(payer.interrupted for payer in payers)

    revived = start_psp(tmp_path)
    merchant = Merchant(revived, listener)
    journal = merchant.http.get("/control/journal").json()["data"]
    effects = [(row["effect"], row["reference"]) for row in journal]
    assert {effect for payer in payers for effect in payer.acknowledged} <= set(effects)
    assert len(effects) == len(set(effects))
    for payer in payers:
        reference, answer = list(payer.captured.items())[-1]
        assert merchant.get(answer["id"]) == answer
        assert merchant.capture(answer["id"], key=f"capture_{reference}").json() == answer
    assert len(merchant.http.get("/control/journal").json()["data"]) == len(journal)
    revived.stop()


def test_undelivered_events_survive_a_kill(tmp_path: Path, listener: Listener):
    psp = start_psp(tmp_path)
    merchant = Merchant(psp, listener)
    listener.failing = 10_000
    intent = merchant.authorised()
    eventually(lambda: len(listener.of(intent)) >= 1, True)
    psp.kill()
    listener.failing = 0
    revived = start_psp(tmp_path)
    eventually(lambda: listener.types(intent), ["intent.authorised"])
    revived.stop()


def test_kept_mail_survives_a_kill(tmp_path: Path):
    sink = start_mail(tmp_path)
    with smtplib.SMTP("127.0.0.1", sink.ready["smtp_port"]) as client:
        client.sendmail("house@example.com", ["ann@example.com"], "Subject: kept\r\n\r\nhello")
        sink.kill()
        client.sock = None
    revived: Party = start_mail(tmp_path)
    found = httpx.get(f"{revived.url}/mail/api/messages").json()["data"]
    assert [message["subject"] for message in found] == ["kept"]
    revived.stop()
