"""Mail, against a real SMTP server."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crosspost.domain.errors import BadInput
from crosspost.notify.mail import Mail
from crosspost.notify.message import Message, NotTold, Told, compose
from crosspost.secret import Secret
from tests.notify.mailbox import PASSWORD, USER, certificate, dripping, smtp_server

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def message(subject: str = "crosspost: needs a person", text: str = "it may have gone out — à vérifier") -> Message:
    told = Told("n1", "needs a person", "Café Léa, x @lea", text, NOW, "d1")
    return compose(subject, [told], urgent=True, at=NOW)


def mail(port: int, **more: object) -> Mail:
    given: dict[str, object] = {"sender": "crosspost@example.org", "recipients": ["lea@example.org"], "timeout_s": 2.0}
    return Mail("127.0.0.1", port, **{**given, **more})  # type: ignore[arg-type]


def test_a_plain_mail_arrives_whole() -> None:
    with smtp_server() as box:
        mail(box.port, security="none", recipients=["lea@example.org", "bob@example.org"]).send(message())
        (one,) = box.mails()
    assert box.got[0][:2] == ("crosspost@example.org", ["lea@example.org", "bob@example.org"])
    assert one["Subject"] == "crosspost: needs a person"
    assert one["To"] == "lea@example.org, bob@example.org"
    assert one["Auto-Submitted"] == "auto-generated"
    assert one["Message-ID"] == f"<{message().key}@example.org>"
    text = one.get_content()
    assert "à vérifier" in text
    assert "Café Léa, x @lea" in text
    assert "crosspost deliveries show d1" in text


def test_starttls_with_a_certificate_and_a_login(tmp_path: Path) -> None:
    server, trust = certificate(tmp_path)
    with smtp_server(tls=server, auth=True) as box:
        mail(box.port, trust=trust, user=USER, password=Secret(PASSWORD)).send(message())
    assert len(box.got) == 1
    assert box.logins == [True]


def test_tls_from_the_start(tmp_path: Path) -> None:
    server, trust = certificate(tmp_path)
    with smtp_server(tls=server, from_start=True) as box:
        mail(box.port, security="tls", trust=trust).send(message())
    assert len(box.got) == 1


@pytest.mark.parametrize("from_start", [False, True])
def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path, from_start: bool) -> None:
    server, _ = certificate(tmp_path)
    security = "tls" if from_start else "starttls"
    running = smtp_server(tls=server, from_start=from_start, auth=not from_start)
    with running as box, pytest.raises(NotTold, match="certificate is not trusted"):
        mail(box.port, security=security, user=USER, password=Secret(PASSWORD)).send(message())
    assert box.got == []
    assert box.logins == [], "the password must not leave before the certificate is checked"


def test_no_starttls_means_no_mail() -> None:
    """A man in the middle who strips STARTTLS gets nothing."""
    with smtp_server() as box, pytest.raises(NotTold, match="STARTTLS"):
        mail(box.port, user=USER, password=Secret(PASSWORD)).send(message())
    assert box.got == []


def test_a_refused_login_shows_no_secret(tmp_path: Path) -> None:
    server, trust = certificate(tmp_path)
    with smtp_server(tls=server, auth=True) as box, pytest.raises(NotTold) as refusal:
        mail(box.port, trust=trust, user=USER, password=Secret("wrong-CANARY-9")).send(message())
    assert str(refusal.value) == "the mail server refuses the login (535)"
    assert refusal.value.__context__ is None
    assert box.got == []


def test_refused_recipients() -> None:
    with smtp_server() as box:
        box.refuse = {"gone@example.org"}
        mail(box.port, security="none", recipients=["gone@example.org", "lea@example.org"]).send(message())
        assert box.got[0][1] == ["lea@example.org"]
        with pytest.raises(NotTold, match="refuses every recipient"):
            mail(box.port, security="none", recipients=["gone@example.org"]).send(message())
    assert len(box.got) == 1


def test_a_mail_that_the_server_will_not_have() -> None:
    with smtp_server() as box:
        box.data_answer = "452 4.3.1 mailbox full of CANARY"
        with pytest.raises(NotTold) as refusal:
            mail(box.port, security="none").send(message())
    assert str(refusal.value) == "the mail server refuses the mail (452)"


def test_a_dead_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = int(gone.getsockname()[1])
    with pytest.raises(NotTold, match="ConnectionRefusedError"):
        mail(port, security="none").send(message())


def test_a_silent_server_costs_one_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        with pytest.raises(NotTold, match="did not answer"):
            mail(int(silent.getsockname()[1]), security="none", timeout_s=0.3).send(message())
    assert time.monotonic() - begun < 3


def test_a_server_that_drips_is_cut_at_the_deadline() -> None:
    """Each byte comes within the timeout of a step; without a deadline this would last for ever."""
    with dripping(0.05) as port:
        begun = time.monotonic()
        with pytest.raises(NotTold):
            mail(port, security="none", timeout_s=1.0, deadline_s=0.6).send(message())
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize("bad", ["a\r\nBcc: evil@example.org", "a\nb", "a\x00b", "a\u2028b", "a\u202eb"])
def test_no_header_comes_from_outside(bad: str) -> None:
    with smtp_server() as box:
        mail(box.port, security="none").send(message(subject=bad, text=bad))
        (one,) = box.mails()
    assert one["Bcc"] is None
    assert box.got[0][1] == ["lea@example.org"]
    assert one["Subject"].startswith("a ")
    assert "\u202e" not in one.get_content()
    assert "\nBcc:" not in one.get_content()


@pytest.mark.parametrize(
    "address", ["", "lea", "lea@", "@example.org", "a@b\r\nBcc: c@d.e", "a@b.c, d@e.f", "Léa@b.c", "<a@b.c>"]
)
def test_addresses_that_are_none_are_refused(address: str) -> None:
    with pytest.raises(BadInput):
        mail(25, security="none", recipients=[address])
    with pytest.raises(BadInput):
        mail(25, security="none", sender=address)


def test_settings_that_would_show_the_password_are_refused() -> None:
    with pytest.raises(BadInput, match="unencrypted"):
        mail(25, security="none", user=USER, password=Secret(PASSWORD))
    with pytest.raises(BadInput):
        mail(25, recipients=[])
    with pytest.raises(BadInput):
        mail(25, security="maybe")
