"""The outbound client, noting how far this machine's clock is from those of the servers that answer."""

from __future__ import annotations

import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from crosspost.outside.http import Answer, Outbound


class Dated(Outbound):
    """`ahead` are seconds by which this clock is ahead, one per answer with a `Date`, which is exact to a second."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ahead: list[float] = []

    def send(self, *args: Any, **kwargs: Any) -> Answer:
        before = time.time()
        answer = super().send(*args, **kwargs)
        middle = (before + time.time()) / 2
        try:
            told = parsedate_to_datetime(answer.headers.get("date", ""))
        except (ValueError, TypeError):
            return answer
        self.ahead.append(middle - told.replace(tzinfo=told.tzinfo or UTC).timestamp() - 0.5)
        return answer
