"""HTTPS to strangers: the call goes to a checked address, the certificate must be the name's."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from luxe.kernel import clock
from luxe.services.notifications.service.outbound import Outbound
from tests.services.notifications.parties import Receiver


def certificate(folder: Path, name: str) -> Path:
    """A certificate for one DNS name, signed by itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def receivers() -> Iterator[list[Receiver]]:
    started: list[Receiver] = []
    yield started
    for receiver in started:
        receiver.close()


def serve(receivers: list[Receiver], pem: Path) -> Receiver:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    receivers.append(Receiver(context))
    return receivers[-1]


async def call(receiver: Receiver, trusted: Path | None) -> int:
    outbound = Outbound(True, ssl.create_default_context(cafile=trusted) if trusted else None)
    try:
        return await outbound.post(f"https://localhost:{receiver.port}/hooks", b"{}", {"x": "y"})
    finally:
        await outbound.close()


async def test_the_name_is_checked_though_the_call_goes_to_its_address(
    receivers: list[Receiver], tmp_path: Path
) -> None:
    pem = certificate(tmp_path, "localhost")
    receiver = serve(receivers, pem)
    assert await call(receiver, pem) == 204
    assert receiver.calls[0].headers["host"] == f"localhost:{receiver.port}"


async def test_a_certificate_of_another_name_is_not_trusted(
    receivers: list[Receiver], tmp_path: Path
) -> None:
    pem = certificate(tmp_path, "elsewhere.example")
    receiver = serve(receivers, pem)
    assert await call(receiver, pem) == 0
    assert receiver.calls == []


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    receivers: list[Receiver], tmp_path: Path
) -> None:
    receiver = serve(receivers, certificate(tmp_path, "localhost"))
    assert await call(receiver, None) == 0
    assert receiver.calls == []
