"""Mail by SMTP."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime
from threading import Timer
from typing import Any

from crosspost.domain.errors import BadInput
from crosspost.notify.message import Message, NotTold
from crosspost.secret import Secret

SECURITIES = ("starttls", "tls", "none")


class Mail:
    """One mail server of the owner's. `trust` is for servers with a certificate of their own."""

    name = "mail"
    attended = True

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        recipients: Sequence[str],
        security: str = "starttls",
        user: str = "",
        password: Secret | None = None,
        timeout_s: float = 20.0,
        deadline_s: float = 60.0,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`timeout_s` bounds each step, `deadline_s` the whole conversation. Raises BadInput."""
        for address in (sender, *recipients):
            _check(address)
        if not recipients:
            raise BadInput("nobody to write to", remedy="set mail_to")
        if security not in SECURITIES:
            raise BadInput(f"smtp_security {security!r}", remedy=f"one of: {', '.join(SECURITIES)}")
        if security == "none" and password:
            raise BadInput("the password would travel unencrypted", remedy='smtp_security = "starttls" or "tls"')
        self._host, self._port, self._security = host, port, security
        self._sender, self._recipients = sender, tuple(recipients)
        self._user, self._password = user, password
        self._timeout_s, self._deadline_s, self._trust = timeout_s, deadline_s, trust

    def send(self, message: Message) -> None:
        """Raises NotTold. Some recipients refused is still told: the others have it."""
        mail = self.mail(message)
        reason: str | None = None
        try:
            self._hand_over(mail)
        except smtplib.SMTPAuthenticationError as error:
            reason = f"the mail server refuses the login ({error.smtp_code})"
        except smtplib.SMTPRecipientsRefused:
            reason = "the mail server refuses every recipient"
        except smtplib.SMTPNotSupportedError:
            reason = "the mail server offers no STARTTLS, or no login"
        except smtplib.SMTPResponseException as error:
            reason = f"the mail server refuses the mail ({error.smtp_code})"
        except ssl.SSLCertVerificationError:
            reason = "the mail server's certificate is not trusted"
        except (smtplib.SMTPException, OSError, ValueError) as error:
            reason = f"the mail server did not answer as one ({type(error).__name__})"
        if reason is not None:
            raise NotTold(reason)  # outside the handler: no traceback carries the conversation along

    def mail(self, message: Message) -> EmailMessage:
        """The mail as it leaves. A header with a line break is refused by the policy, not sent."""
        mail = EmailMessage(policy=POLICY)
        mail["Subject"] = message.subject
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._recipients)
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.key}@{self._sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.body, charset="utf-8")
        for file in message.files:
            main, _, sub = file.media_type.partition("/")
            mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
        return mail

    def _hand_over(self, mail: EmailMessage) -> None:
        trust = self._trust or ssl.create_default_context()
        # Named like this it asks no name server who we are, which may take longer than the whole mail.
        who = "[127.0.0.1]"
        given: dict[str, Any] = {"local_hostname": who, "timeout": self._timeout_s}
        server = (
            _TlsServer(self._deadline_s, self._host, self._port, context=trust, **given)
            if self._security == "tls"
            else _Server(self._deadline_s, self._host, self._port, **given)
        )
        try:
            if self._security == "starttls":
                server.starttls(context=trust)
            if self._user and self._password:
                server.login(self._user, self._password.reveal())
            server.send_message(mail, self._sender, self._recipients)
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()  # it has the mail: how it says goodbye is its own affair
        finally:
            server.close()
            server.deadline.cancel()


class _Bounded:
    """Ends the whole conversation at a deadline: a server that says a byte now and then never runs into the timeout
    of one step, not even in its greeting."""

    def __init__(self, deadline_s: float, *given: Any, **named: Any) -> None:
        self.deadline = Timer(deadline_s, self._cut)
        self.deadline.daemon = True
        self.deadline.start()
        try:
            super().__init__(*given, **named)
        except BaseException:
            self.deadline.cancel()
            raise

    def _cut(self) -> None:
        if (sock := getattr(self, "sock", None)) is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(2)


class _Server(_Bounded, smtplib.SMTP):
    pass


class _TlsServer(_Bounded, smtplib.SMTP_SSL):
    pass


def _check(address: str) -> None:
    local, at, domain = address.rpartition("@")
    odd = any(not 32 < ord(char) < 127 or char in ',;:<>()[]"\\' for char in address)
    if odd or not (local and at and domain):
        raise BadInput(f"{address!r} is not a mail address", remedy="write it as ana@example.org")
