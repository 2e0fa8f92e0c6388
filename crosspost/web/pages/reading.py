"""A form's fields as a message: what was left empty was not told, and times are in the brand's zone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from crosspost.clock import told_time
from crosspost.web.messages import Message
from crosspost.web.site import Call

M = TypeVar("M", bound=Message)


def message(call: Call, kind: type[M], form: Mapping[str, str] | None = None) -> M:
    """The message in the call's form. Raises BadInput, ValidationError."""
    given = call.form if form is None else form
    told = {name: value.strip() for name, value in given.items() if name in kind.model_fields and value.strip()}
    for name in ("at", "since"):
        if name in told:
            told[name] = told_time(told[name], call.brand.zone).isoformat()
    return kind.model_validate_strings(told)
