"""Logs: JSON lines to a file, short text to the screen, and no secret in either.

Redaction works on the finished text, traceback included, so that it does not matter how a secret got there:
first the values of every Secret that was sealed, opened or registered, in the forms they travel in, then
patterns.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from crosspost.secret import Secret

_SHORTEST = 6  # a shorter value would blank out ordinary words; nothing that short is a token
_HIDDEN = "[redacted]"

_FAULTS = logging.getLogger("crosspost.fault")

_known: dict[str, bool] = {}  # each form, and whether it is a registered value itself: its other forms are there too
_lock = threading.Lock()

_NAMES = (
    r"[\w.-]*(?:access_?token|refresh_?token|id_?token|oauth_?token|bearer_?token|exchange_?token|page_?token"
    r"|user_?token|input_?token|code_?verifier|client_?secret|consumer_?secret"
    r"|token_?secret|app_?secret|appsecret_proof|consumer_?key|oauth_signature|oauth_verifier|oauth_nonce|password"
    r"|passwd|passphrase|jwt|api_?key|master_?key|private_?key|authorization|cookie|x-[\w-]*signature)[\w.-]*"
)
_SENSITIVE = re.compile(_NAMES, re.IGNORECASE)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Authorization: OAuth oauth_consumer_key="…", oauth_token="…", …
    (re.compile(r'\bOAuth\s+(?:\w+="[^"]*"[,\s]*)+'), f"OAuth {_HIDDEN}"),
    (re.compile(r"\b(Bearer|DPoP)\s+[A-Za-z0-9._~+/=%-]{6,}", re.IGNORECASE), rf"\1 {_HIDDEN}"),
    (re.compile(r"\b(Basic)\s+(?=\S*[A-Z0-9=])[A-Za-z0-9+/=_-]{6,}"), rf"\1 {_HIDDEN}"),
    # access_token=…&  "access_token": "…"  'Authorization': b'…'  Authorization: …
    (
        re.compile(
            rf"(?P<name>{_NAMES})(?P<sep>[\"']?\]?\s*(?:=>|[:=])\s*)b?(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s&,;\"'}})\]]+)",
            re.IGNORECASE,
        ),
        rf"\g<name>\g<sep>{_HIDDEN}",
    ),
    (re.compile(r"(://)[^/\s@\"']+@"), rf"\1{_HIDDEN}@"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), _HIDDEN),  # JWT
    (re.compile(r"\bEAA[A-Za-z0-9]{20,}"), _HIDDEN),  # Meta
    (re.compile(r"\bAAAAAAAA[\w%+/=-]{20,}"), _HIDDEN),  # X, app-only
)

_QUIET = {
    "httpx": logging.WARNING,  # logs whole addresses at INFO
    "httpcore": logging.WARNING,
    "urllib3": logging.WARNING,
    "tweepy": logging.INFO,  # logs the Authorization header at DEBUG
    "requests_oauthlib": logging.INFO,
    "oauthlib": logging.INFO,
    "sqlalchemy": logging.WARNING,
    "apscheduler": logging.WARNING,
    "markdown_it": logging.WARNING,
    "matplotlib": logging.WARNING,
    "PIL": logging.INFO,
    "asyncio": logging.INFO,
}


def register(secret: Secret) -> None:
    """Blank this value out wherever it is logged from now on: plain, URL-quoted, in JSON or in base64."""
    value = secret.reveal()
    if len(value) < _SHORTEST or _known.get(value):  # each delivery opens its account's secrets again
        return
    in_json = (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    forms = {value, quote(value, safe=""), quote(value), quote_plus(value), *in_json}
    forms |= {form.replace("\\", "\\\\") for form in forms}  # as repr() shows them
    # In a Basic header the value stands behind "user:", which shifts its base64 by 0, 1 or 2 bytes.
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + value.encode()).decode().rstrip("=")
        inner = encoded[(shift * 4 + 2) // 3 :][:-1]
        if len(inner) >= 2 * _SHORTEST:
            forms.add(inner)
    with _lock:
        for form in forms:
            _known.setdefault(form, False)
        _known[value] = True


def redact(text: str) -> str:
    """The text without secrets: registered values first, then whatever looks like one."""
    with _lock:
        known = sorted(_known, key=len, reverse=True)
    for value in known:
        text = text.replace(value, _HIDDEN)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        # Left to itself, logging would print message and arguments to the screen, unredacted.
        return f"{record.msg} (its arguments do not fit)"


def _traceback(record: logging.LogRecord) -> str | None:
    if record.exc_info and record.exc_info[0] is not None:
        return logging.Formatter().formatException(record.exc_info)
    return None


def report_fault(error: BaseException) -> str:
    """Put an unexpected error with its traceback where its reader will look, redacted. Returns that place."""
    record = _FAULTS.makeRecord(
        _FAULTS.name, logging.CRITICAL, __file__, 0, "unexpected %s: %s", (type(error).__name__, error),
        (type(error), error, error.__traceback__),
    )  # fmt: skip
    for handler in logging.getLogger().handlers:
        if isinstance(handler, WatchedFileHandler):
            handler.handle(record)
            return str(handler.baseFilename)
    print(ShortText(tracebacks=True).format(record), file=sys.stderr)
    return "the lines above"


class JsonLines(logging.Formatter):
    """One object a line: at (UTC), level, logger, message, what `extra` holds, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(_message(record)),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD:
                plain = value if isinstance(value, bool | int | float | None) else redact(str(value))
                line[name] = _HIDDEN if _SENSITIVE.fullmatch(name) else plain
        if trace := _traceback(record):
            line["traceback"] = redact(trace)
        return json.dumps(line, ensure_ascii=False)


class ShortText(logging.Formatter):
    """`warning: message`, and the traceback only where asked for.

    Control characters from outside are shown, not obeyed.
    """

    def __init__(self, *, tracebacks: bool) -> None:
        super().__init__()
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        text = f"{record.levelname.lower()}: {_message(record)}"
        trace = _traceback(record) if self._tracebacks else None
        whole = redact(f"{text}\n{trace}" if trace else text)
        return "".join(char if char.isprintable() or char in "\n\t" else repr(char)[1:-1] for char in whole)


def configure(file: Path | None, *, verbose: bool = False) -> Callable[[], None]:
    """Send logs to `file` (JSON lines, mode 0600, INFO and up) and the screen (WARNING and up).

    `verbose` shows DEBUG on both. Uncaught exceptions go the same way. Returns a function that undoes it all.
    """
    root = logging.getLogger()
    before = (root.level, list(root.handlers), sys.excepthook, threading.excepthook)
    levels = {name: logging.getLogger(name).level for name in _QUIET}
    screen = logging.StreamHandler()
    screen.setFormatter(ShortText(tracebacks=verbose))
    screen.setLevel(logging.DEBUG if verbose else logging.WARNING)
    handlers: list[logging.Handler] = [screen]
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600))
        lines = WatchedFileHandler(file, encoding="utf-8")
        lines.setFormatter(JsonLines())
        handlers.append(lines)
    root.handlers[:] = handlers
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)

    def on_exception(kind: Any, error: Any, trace: Any) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            _FAULTS.critical("unexpected %s: %s", kind.__name__, error, exc_info=(kind, error, trace))

    sys.excepthook = on_exception
    threading.excepthook = lambda args: on_exception(args.exc_type, args.exc_value, args.exc_traceback)

    def undo() -> None:
        logging.captureWarnings(False)
        level, root.handlers[:], sys.excepthook, threading.excepthook = before
        root.setLevel(level)
        for name, old in levels.items():
            logging.getLogger(name).setLevel(old)
        for handler in handlers:
            handler.close()

    return undo
