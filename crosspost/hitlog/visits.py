"""Page views and named clicks as records of segments of their own, in the frame of the hit log.

    payload = JSON list in ASCII: kind ("view", "click"), microseconds since 1970, then the fields below as texts

They are files of their own because a visitor's hash stands in them: once folded in, they are wiped within hours.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from crosspost.domain.period import aware
from crosspost.domain.traffic import Judged, Judgement
from crosspost.domain.visit import Click, View
from crosspost.hitlog.frame import framed

MAGIC = b"crosspost visits 1\n"
SUFFIX = ".visits"
SEGMENT_AGE_S = 6 * 3600  # a writer begins another file then, and the folded one can be wiped

# The most characters kept of each field; a longer one is cut, not refused.
VIEW_CAPS = {
    "brand_id": 26, "visitor": 32, "path": 512, "code": 64, "source": 64, "medium": 64, "campaign": 128,
    "referrer": 253, "user_agent": 512, "click_id": 64,
}  # fmt: skip
CLICK_CAPS = {"brand_id": 26, "click_id": 64, "code": 64}

_KINDS: dict[str, tuple[type[View] | type[Click], dict[str, int]]] = {
    "view": (View, VIEW_CAPS), "click": (Click, CLICK_CAPS),
}  # fmt: skip
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def encode(one: View | Click) -> bytes:
    """The record of one of them: fields cut to their caps, control characters removed."""
    kind = "view" if isinstance(one, View) else "click"
    fields: list[object] = [kind, (aware(one.at) - _EPOCH) // _MICROSECOND]
    fields += [_CONTROLS.sub("", getattr(one, name))[:cap] for name, cap in _KINDS[kind][1].items()]
    fields += [one.judged.judgement.value, one.judged.rule, one.judged.ruleset]
    return framed(json.dumps(fields, separators=(",", ":")).encode("ascii"))


def parse(payload: bytes) -> View | Click | None:
    """What a record holds; None for a kind or a form that this version does not know."""
    try:
        kind, micros, *texts = json.loads(payload)
        made, caps = _KINDS[kind]
        *texts, judgement, rule, ruleset = texts
        if type(micros) is not int or len(texts) != len(caps) or not all(isinstance(one, str) for one in texts):
            return None
        judged = Judged(Judgement(judgement), str(rule), str(ruleset))
        instant = _EPOCH + timedelta(microseconds=micros)
        return made(at=instant, judged=judged, **dict(zip(caps, texts, strict=True)))
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
