"""A signed POST to an address of the owner's: a chat room, a monitor, a program."""

from __future__ import annotations

import hashlib
import hmac
import json

from crosspost.notify.message import Message, NotTold
from crosspost.outside.http import Outbound, OutboundError
from crosspost.secret import Secret

_TEXT = 3500  # chat services cut or refuse longer ones


class Webhook:
    """JSON with `text` (what chat services show) and every notice by field.

    With a secret, `X-Crosspost-Signature` is the hex HMAC-SHA256 over `timestamp + "." + raw body`, and the timestamp
    stands in `X-Crosspost-Timestamp`: the same as on the events crosspost receives.
    """

    name = "webhook"
    attended = True

    def __init__(self, url: Secret, outbound: Outbound, secret: Secret | None = None, timeout_s: float = 10.0) -> None:
        """`url` is a secret itself: many services put their token into it."""
        self._url, self._secret, self._outbound, self._timeout_s = url, secret, outbound, timeout_s

    def send(self, message: Message) -> None:
        """Raises NotTold unless the answer is 2xx."""
        body = json.dumps(
            {
                "text": _inert(f"{message.subject}\n{message.body}")[:_TEXT],
                "subject": message.subject, "urgent": message.urgent, "key": message.key,
                "at": message.at.isoformat(),
                "notices": [
                    {"id": one.id, "kind": one.kind, "where": one.where, "text": one.text, "at": one.at.isoformat(),
                     "delivery_id": one.delivery_id, "paste": "\n".join(one.paste) or None}
                    for one in message.notices
                ],
            },
            ensure_ascii=False,
        ).encode()  # fmt: skip
        timestamp = str(int(message.at.timestamp()))
        headers = {"content-type": "application/json", "x-crosspost-timestamp": timestamp}
        if self._secret:
            signed = hmac.new(self._secret.reveal().encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
            headers["x-crosspost-signature"] = signed.hexdigest()
        try:
            answer = self._outbound.send(
                "POST", self._url.reveal(), configured=True, headers=headers, content=body, timeout_s=self._timeout_s
            )
        except OutboundError as error:
            reason = f"the webhook did not answer ({type(error).__name__})"
        else:
            if 200 <= answer.status < 300:
                return
            reason = f"the webhook answered {answer.status}"
        raise NotTold(reason)


def _inert(text: str) -> str:
    """Chat services give meaning to <…>, & and @: text from outside must call nobody and hide no address."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("@", "@\u200b")
