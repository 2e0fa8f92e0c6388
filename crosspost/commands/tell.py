"""Tell people: keep what happened, and bring it to them by mail, webhook or desktop, quietly."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError

from crosspost.clock import zone
from crosspost.domain.brand import Account, Brand
from crosspost.domain.digest import Bundle, Quiet, Waiting, bundles
from crosspost.domain.errors import CrosspostError
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.domain.teaser import Teaser
from crosspost.logs import redact
from crosspost.notify.message import File, Message, NotTold, Told, Way, compose
from crosspost.store import brands, deliveries, notices
from crosspost.store.store import Store

log = logging.getLogger(__name__)

_SWEEP_EVERY_S = 60.0
_SWEEP_BACK = timedelta(days=7)
_SWEEP_SETTLE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class TellReport:
    """`sent`: subject and the ways that took it. `failed`: subject and why each way did not."""

    sent: tuple[tuple[str, str], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


class Teller:
    """The one place through which people are told.

    `tell` only stores: it costs a delivery nothing but one short transaction, and who cannot store keeps the notice
    in memory. `send`, called every few seconds, brings what waits to people. A notice is told when one way that
    waits for its reader took it (the desktop counts only where it is the only way). A process that dies between a
    delivery's outcome and its notice loses nothing: `send` looks for outcomes nobody was told of.
    """

    def __init__(
        self,
        store: Store,
        ways: Sequence[Way],
        now: Callable[[], datetime],
        quiet: Quiet | None = None,
        read_image: Callable[[str], bytes] | None = None,
        read_report: Callable[[Brand, datetime], tuple[tuple[str, ...], tuple[File, ...]]] | None = None,
    ) -> None:
        """`read_image` gives the bytes of an image by its SHA-256, for what is to be posted by hand; `read_report` the
        lines and files of the report that a notice of that instant is about."""
        self._store, self._ways, self._now = store, tuple(ways), now
        self._quiet = quiet or Quiet()
        self._read_image, self._read_report = read_image, read_report
        self._unstored: list[Notice] = []
        self._swept_at: datetime | None = None
        self._lock = Lock()  # of the two above: deliveries tell from many threads

    def tell(self, notice: Notice) -> None:
        """Keep a notice until somebody was told. Never raises what the database raises."""
        clean = replace(notice, text=redact(notice.text))
        with self._lock:
            self._unstored.append(clean)
        self._store_all()

    def send(self, now: datetime) -> TellReport:
        """Bring what is due to people. A message that no way takes is tried again later, for as long as it takes."""
        self._store_all()
        if not self._ways:
            return TellReport()
        self._sweep(now)
        with self._store.database.read() as connection:
            waiting, last = notices.waiting(connection), notices.last_told(connection)
        if not waiting:
            return TellReport()
        every = {one.id: one for one in self._store.brands()}
        found = bundles(waiting, last, self._zones(every), self._quiet, now)
        sent, failed = [], []
        for bundle in found:
            with self._store.database.write() as connection:
                taken = notices.take(connection, bundle.items, now)
            if not taken:
                continue
            message = self._message(replace(bundle, items=tuple(taken)), every, now)
            by, problems = self._through(message)
            if by:
                with self._store.database.write() as connection:
                    notices.told(connection, [one.id for one in taken], by, now)
                sent.append((message.subject, by))
            else:
                failed.append((message.subject, problems))
        return TellReport(tuple(sent), tuple(failed))

    def _through(self, message: Message) -> tuple[str, str]:
        """The ways that took the message (empty when none did that counts), and why others did not."""
        took, problems = [], []
        for way in self._ways:
            try:
                way.send(message)
                took.append(way)
            except NotTold as refusal:
                problems.append(f"{way.name}: {refusal}")
            except Exception as error:  # a way that fails in a new manner must not silence the others
                problems.append(f"{way.name}: {type(error).__name__}")
        for problem in problems:
            log.warning("nobody was told by %s", problem)
        alone = not any(way.attended for way in self._ways)
        counts = any(way.attended or alone for way in took)
        return ", ".join(way.name for way in took) if counts else "", "; ".join(problems)

    def _message(self, bundle: Bundle, every: dict[str, Brand], now: datetime) -> Message:
        told = [self._told(one, every) for one in bundle.items]
        many = f" ({len(told)})" if len(told) > 1 else ""
        if bundle.kind is not None:
            subject = f"crosspost: {bundle.kind.value}{many}: {told[0].where}"
        else:
            brand = every.get(bundle.brand_id or "")
            whose = brand.name if brand else "this installation"
            subject = f"crosspost: {len(told)} notice{'s' * (len(told) > 1)} of {whose}"
        return compose(subject, told, urgent=bundle.kind is not None, at=now)

    def _told(self, one: Waiting, every: dict[str, Brand]) -> Told:
        notice = one.notice
        brand = every.get(notice.brand_id or "")
        where = brand.name if brand else "this installation"
        if brand is not None and notice.account_id is not None and (account := self._account(brand, notice.account_id)):
            where = f"{brand.name}, {account.network} {account.handle}"
        told = Told(one.id, notice.kind.value, where, redact(notice.text), notice.at, notice.delivery_id)
        if brand is not None and notice.kind is NoticeKind.REPORT and self._read_report is not None:
            lines, files = self._read_report(brand, notice.at)
            return replace(told, paste=lines, files=files)
        if brand is None or notice.kind is not NoticeKind.BY_HAND or notice.delivery_id is None:
            return told
        return self._with_post(told, brand, notice.delivery_id)

    def _with_post(self, told: Told, brand: Brand, delivery_id: str) -> Told:
        """With the post's own text and images. Not once it is settled: nobody is to post it twice."""
        with self._store.read(brand.id) as scope:
            row = deliveries.get(scope, delivery_id)
        if not row.waits_for_hand:
            return replace(told, text=f"{told.text} (settled since: {row.state.value})")
        return replace(told, paste=tuple(row.teaser.text.splitlines()), files=tuple(self._files(row.teaser)))

    def _files(self, teaser: Teaser) -> Iterator[File]:
        for one in teaser.images:
            try:
                content = self._read_image(one.sha256) if self._read_image else b""
            except CrosspostError as error:
                log.warning("an image to post by hand cannot be read: %s", error)
                continue
            if content:
                yield File(f"{one.sha256[:12]}.{one.media_type.partition('/')[2]}", one.media_type, content)

    def _account(self, brand: Brand, account_id: str) -> Account | None:
        with self._store.read(brand.id) as scope:
            return next((one for one in brands.accounts(scope) if one.id == account_id), None)

    def _zones(self, every: dict[str, Brand]) -> dict[str | None, ZoneInfo]:
        zones: dict[str | None, ZoneInfo] = {brand.id: zone(brand.zone) for brand in every.values()}
        if every:
            zones[None] = zone(next(iter(every.values())).zone)  # the installation's own: at its first brand's hour
        return zones

    def _store_all(self) -> None:
        with self._lock:
            if not self._unstored:
                return
            now = self._now()
            try:
                with self._store.database.write() as connection:
                    for one in self._unstored:
                        notices.add(connection, one, now)
            except (DBAPIError, CrosspostError) as error:
                log.error("%d notices are not stored yet: %s", len(self._unstored), type(error).__name__)
                return
            self._unstored.clear()

    def _sweep(self, now: datetime) -> None:
        with self._lock:
            if self._swept_at is not None and abs((now - self._swept_at).total_seconds()) < _SWEEP_EVERY_S:
                return
            self._swept_at = now
        for brand in self._store.brands():
            with self._store.read(brand.id) as scope:
                found = notices.unnoticed(scope, now, back=_SWEEP_BACK, settle=_SWEEP_SETTLE)
            for one in found:
                self.tell(one)
