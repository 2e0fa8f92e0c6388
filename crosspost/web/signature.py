"""Signed requests: hex HMAC-SHA256 over `timestamp + "." + raw body`."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto

from crosspost.secret import Secret

TOLERANCE_S = 300

_TIMESTAMP = re.compile(rb"[0-9]{1,12}")
_NOBODY = Secret("the secret of a brand that does not exist")


class Check(Enum):
    GOOD = auto()
    STALE = auto()  # rightly signed, more than five minutes from now
    BAD = auto()


def sign(secret: Secret, timestamp: int, body: bytes) -> str:
    """The value of X-Crosspost-Signature. `timestamp` is in seconds since 1970, as in X-Crosspost-Timestamp."""
    return _digest(secret, str(timestamp).encode(), body)


def check(secrets: Sequence[Secret], timestamp: str, signature: str, body: bytes, now: datetime) -> Check:
    """Whether one of the live secrets made this signature, in a time that tells nothing of how near it was.

    Without any secret the work is the same and the answer BAD: an unknown brand cannot be told by the clock.
    """
    stamp = timestamp.encode("utf-8", "surrogateescape")
    given = signature.encode("utf-8", "surrogateescape")
    good = False
    for secret in secrets or [_NOBODY]:
        good |= hmac.compare_digest(_digest(secret, stamp, body).encode(), given)
    if not good or not secrets or not all(secrets) or not _TIMESTAMP.fullmatch(stamp):
        return Check.BAD
    return Check.GOOD if abs(now.timestamp() - int(stamp)) <= TOLERANCE_S else Check.STALE


def _digest(secret: Secret, timestamp: bytes, body: bytes) -> str:
    return hmac.new(secret.reveal().encode(), timestamp + b"." + body, hashlib.sha256).hexdigest()
