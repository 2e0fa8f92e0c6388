"""The audit of a brand, computed when it is asked for: one at a time, and within a time."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from datetime import datetime, timedelta
from threading import Lock

from crosspost.audit.results import Audit
from crosspost.commands.choices import NONE, Choices
from crosspost.domain.brand import Brand
from crosspost.domain.errors import Unavailable
from crosspost.store.store import Store

WAIT_S = 20.0
FRESH = timedelta(minutes=1)  # so old an audit is given again


class Audits:
    def __init__(self, store: Store, choices: Choices = NONE, wait_s: float = WAIT_S) -> None:
        self._store, self._choices, self._wait_s = store, choices, wait_s
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit")
        self._lock = Lock()
        self._latest: dict[str, tuple[datetime, Future[Audit]]] = {}

    def of(self, brand: Brand, now: datetime) -> Audit:
        """The audit over everything recorded, at most a minute old. Raises Unavailable when it takes too long."""
        with self._lock:
            begun = self._latest.get(brand.id)
            stale = begun is None or begun[1].done() and (begun[1].exception() or abs(now - begun[0]) >= FRESH)
            if stale or begun is None:
                begun = (now, self._thread.submit(self._compute, brand, now))
                self._latest[brand.id] = begun
        try:
            return begun[1].result(self._wait_s)
        except TooLate:
            raise Unavailable("the audit is still being computed", remedy="ask again in a minute") from None

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _compute(self, brand: Brand, now: datetime) -> Audit:
        # The arithmetic takes half a second to import: links answer before that.
        from crosspost.audit.run import audit
        from crosspost.audit.verdict import DEFAULT_CLAIMS
        from crosspost.commands.hypotheses import looked_at
        from crosspost.commands.ledger import gather

        ledger = gather(self._store, brand, now, choices=self._choices)
        looked_at(self._store, brand, "page", ledger.period, now)
        return audit(ledger, DEFAULT_CLAIMS, made_at=now)
