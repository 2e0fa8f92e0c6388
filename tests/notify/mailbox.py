"""A real SMTP server on loopback that keeps what it was given, and misbehaves on request."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "crosspost", "pw-CANARY-12345"


@dataclass
class Mailbox:
    """`refuse` holds recipients that the server does not know."""

    port: int = 0
    got: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    data_answer: str = "250 OK"

    def mails(self) -> list[EmailMessage]:
        found: list[Message] = [message_from_bytes(raw, policy=default) for _, _, raw in self.got]
        return [one for one in found if isinstance(one, EmailMessage)]

    # aiosmtpd's hooks

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refuse:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.data_answer.startswith("250"):
            self.got.append((envelope.mail_from, list(envelope.rcpt_tos), bytes(envelope.content)))
        return self.data_answer

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        good = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        self.logins.append(good)
        return AuthResult(success=good, handled=False)


@contextmanager
def smtp_server(
    *, tls: ssl.SSLContext | None = None, from_start: bool = False, auth: bool = False
) -> Iterator[Mailbox]:
    """A server on a free port: plain, with STARTTLS that it demands (`tls`), or TLS `from_start`."""
    mailbox = Mailbox()
    controller = Controller(
        mailbox, hostname="127.0.0.1", port=_free_port(), ssl_context=tls if from_start else None,
        tls_context=None if from_start else tls, require_starttls=tls is not None and not from_start,
        authenticator=mailbox.authenticate if auth else None, auth_required=auth,
        auth_require_tls=not from_start,
    )  # fmt: skip
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def dripping(every_s: float) -> Iterator[int]:
    """A server that says a byte now and then and never finishes a line; its port."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)

    def serve() -> None:
        while not stop.is_set():
            try:
                peer, _ = listener.accept()
            except TimeoutError:
                continue
            with peer:
                while not stop.is_set():
                    try:
                        peer.sendall(b"2")
                    except OSError:
                        break
                    time.sleep(every_s)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        stop.set()
        thread.join()
        listener.close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A self-made certificate for 127.0.0.1: the server's context, and one that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of a test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "cert.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, secret)
    return server, ssl.create_default_context(cafile=str(chain))
