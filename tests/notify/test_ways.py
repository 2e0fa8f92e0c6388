"""The webhook through the real outbound client, and the desktop through a real process."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crosspost.notify.desktop import Desktop
from crosspost.notify.message import Message, NotTold, Told, compose, one_line
from crosspost.notify.webhook import Webhook
from crosspost.outside.http import Outbound
from crosspost.secret import Secret
from crosspost.web.signature import Check, check
from tests.local_server import Reply, Request, serving

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SIGNING = Secret("signing-CANARY-123")


def message(text: str = "it may have gone out", urgent: bool = True) -> Message:
    return compose("needs a person", [Told("n1", "needs a person", "Café", text, NOW, "d1")], urgent=urgent, at=NOW)


def test_the_webhook_is_signed_as_our_own_endpoint_checks() -> None:
    with serving(lambda _: Reply(204)) as server:
        outbound = Outbound(private_origins=frozenset({server.origin}))
        Webhook(Secret(f"{server.origin}/hook/token-CANARY"), outbound, SIGNING).send(message())
        (request,) = server.requests
    stamp, signature = request.headers["x-crosspost-timestamp"], request.headers["x-crosspost-signature"]
    assert check([SIGNING], stamp, signature, request.body, NOW) is Check.GOOD
    assert check([SIGNING], stamp, signature, request.body + b" ", NOW) is Check.BAD
    assert check([SIGNING], str(int(stamp) + 1), signature, request.body, NOW) is Check.BAD
    told = json.loads(request.body)
    assert told["key"] == message().key
    assert told["notices"][0] == {
        "id": "n1", "kind": "needs a person", "where": "Café", "text": "it may have gone out",
        "at": NOW.isoformat(), "delivery_id": "d1", "paste": None,
    }  # fmt: skip
    assert told["urgent"] is True


def test_what_chat_services_obey_is_made_inert() -> None:
    with serving(lambda _: Reply()) as server:
        outbound = Outbound(private_origins=frozenset({server.origin}))
        Webhook(Secret(server.origin), outbound).send(message("<!channel> @here <https://evil.example|bank> & co"))
        (request,) = server.requests
    told = json.loads(request.body)
    assert "<" not in told["text"]
    assert "@here" not in told["text"]
    assert told["notices"][0]["text"].startswith("<!channel> @here"), "programs get the words as they are"
    assert "x-crosspost-signature" not in request.headers


@pytest.mark.parametrize("status", [302, 404, 500])
def test_another_answer_is_not_told(status: int) -> None:
    def answer(_: Request) -> Reply:
        return Reply(status, {"location": "http://127.0.0.1:1/"})

    with serving(answer) as server:
        outbound = Outbound(private_origins=frozenset({server.origin}))
        hook = Webhook(Secret(f"{server.origin}/hook/token-CANARY"), outbound)
        with pytest.raises(NotTold) as refusal:
            hook.send(message())
    assert str(refusal.value) == f"the webhook answered {status}"


def test_no_answer_and_a_private_address_tell_nothing_of_the_url() -> None:
    for url in ("http://127.0.0.1:9/token-CANARY", "http://169.254.169.254/token-CANARY", "ftp://x/token-CANARY"):
        with pytest.raises(NotTold) as refusal:
            Webhook(Secret(url), Outbound(timeout_s=1)).send(message())
        assert "CANARY" not in str(refusal.value)
        assert refusal.value.__context__ is None


def program(folder: Path, body: str) -> str:
    path = folder / "notify-send"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_the_desktop_is_given_text_and_no_markup(tmp_path: Path) -> None:
    said = tmp_path / "said"
    Desktop(program(tmp_path, f'printf "%s\\n" "$@" > {said}')).send(
        message("<b>bold</b> $(reboot) `reboot` --urgency=low")
    )
    lines = said.read_text().splitlines()
    assert lines[:4] == ["--app-name=crosspost", "--urgency=critical", "--", "needs a person"]
    assert "&lt;b&gt;bold&lt;/b&gt; $(reboot) `reboot` --urgency=low" in "\n".join(lines)


def test_no_desktop_is_a_reason_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(NotTold, match="is not installed"):
        Desktop(str(tmp_path / "none")).send(message())
    with pytest.raises(NotTold, match="ended with 3"):
        Desktop(program(tmp_path, "exit 3")).send(message())
    with pytest.raises(NotTold, match="TimeoutExpired"):
        Desktop(program(tmp_path, "exec sleep 20"), timeout_s=0.2).send(message())


def test_a_message_stays_readable_however_much_there_is() -> None:
    many = compose("s", [Told(str(n), "missed", "w", "x" * 2000, NOW) for n in range(120)], urgent=False, at=NOW)
    assert len(many.lines) < 110
    assert any("and 70 more" in line for line in many.lines)
    assert all(len(line) < 520 for line in many.lines)
    assert one_line("a\tb\x1b[31m\nc\u2066d") == "a b [31m c d"
