"""The report that is kept for each month: once a month and brand, whatever died or slept meanwhile.

What is there is the schedule: a month whose folder holds an audit is done. After a long sleep the last whole month is
caught up with, and none before it: its report holds their rows too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crosspost.clock import zone
from crosspost.commands.choices import Choices
from crosspost.commands.hypotheses import looked_at
from crosspost.commands.ledger import NothingYet, gather
from crosspost.commands.purge import warnings
from crosspost.commands.rewriting import changes_of, remember_report
from crosspost.domain.brand import Brand
from crosspost.domain.errors import BadInput, CrosspostError
from crosspost.domain.month import Month, last_whole
from crosspost.domain.notice import Notice, NoticeKind
from crosspost.domain.telling import Rules
from crosspost.notify.message import File
from crosspost.ownership import reports_lock
from crosspost.report.language.words import languages
from crosspost.report.place import JSON, folder_of_month, kept_before
from crosspost.report.write import BUNDLE, PDF, SUMMARY
from crosspost.store import notices
from crosspost.store.store import Store

if TYPE_CHECKING:
    from crosspost.audit.results import Audit
    from crosspost.audit.since import Changes
    from crosspost.report.many import Job
    from crosspost.report.write import Written

log = logging.getLogger(__name__)

EVERY = "*"  # in place of a slug: every brand
MONTHLY_EVERY_S = 600.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A month's report as it was written, and what changed since the one before (None: there is none)."""

    found: Audit
    changes: Changes | None
    written: Written


@dataclass(frozen=True, slots=True)
class Monthly:
    """What the reports of months are made with. `write` draws one, here or in another process.

    `chosen` and `rules` give what a brand's owner chose. `letterhead` is a file. `locks` is a folder: who holds a
    brand's lock there is alone at its reports.
    """

    store: Store
    reports_dir: Path
    chosen: Callable[[Brand], Choices]
    rules: Callable[[Brand], Rules]
    write: Callable[[Job], Written]
    locks: Path
    brands: tuple[str, ...] = ()
    send: bool = False
    letterhead: Path | None = None

    def strangers(self) -> tuple[str, ...]:
        """Those of `brands` that no brand is called."""
        known = {EVERY, *(one.slug for one in self.store.brands())}
        return tuple(one for one in self.brands if one not in known)

    def due(self, tell: Callable[[Notice], None], now: datetime) -> int:
        """Write the reports of the last whole month that are missing, and tell of them; how many were written."""
        count = 0
        for brand in self.store.brands():
            if brand.slug not in self.brands and EVERY not in self.brands:
                continue
            try:
                count += self._due(brand, tell, now)
            except CrosspostError as error:
                log.warning("no report of %s: %s", brand.slug, error)
            except Exception as error:  # a fault at one brand's report must not keep the others from theirs
                log.error("no report of %s: %s", brand.slug, type(error).__name__, exc_info=True)
        return count

    def _due(self, brand: Brand, tell: Callable[[Notice], None], now: datetime) -> bool:
        where = zone(brand.zone)
        month = last_whole(now, where)
        folder = folder_of_month(brand.slug, month, self.reports_dir)
        lock = reports_lock(self.locks, brand.id)
        if lock is None:
            return False  # another worker is at it
        with lock:
            missing = not all((folder / name).is_file() for name in (JSON, BUNDLE))
            if missing:
                try:
                    self.keep(brand, month, now)
                except NothingYet:
                    return False
            if self.send and not self._told(brand, month, month.next.begins(where)):
                tell(Notice(NoticeKind.REPORT, _text(month, folder), month.next.begins(where), brand.id))
            return missing

    def keep(self, brand: Brand, month: Month, now: datetime) -> Kept:
        """Write the report of a month, in place of one that is there: of all that is known until the month's end.

        Raises BadInput for a month that is not over, NothingYet where nothing is known of it or before.
        """
        from crosspost.audit.run import audit
        from crosspost.commands.bundling import bundle_of
        from crosspost.report.letterhead import PLAIN
        from crosspost.report.letterhead_file import read
        from crosspost.report.many import Job

        head = read(self.letterhead) if self.letterhead else PLAIN  # before anybody is noted to have looked
        until = month.next.begins(zone(brand.zone))
        if until > now:
            over = last_whole(now, zone(brand.zone))
            raise BadInput(f"{month} is not over", remedy=f"ask for {over}, or for --since and --until")
        folder = folder_of_month(brand.slug, month, self.reports_dir)
        choices = self.chosen(brand)
        ledger = gather(self.store, brand, now, until=until, choices=choices)
        if ledger.period.days == 0:
            raise NothingYet(f"nothing is known of {month}, or before")
        found = audit(ledger, made_at=now)
        looked_at(self.store, brand, "report", found.period, now)
        warned = replace(found, warnings=(*found.warnings, *warnings(self.store, brand, now)))
        before = kept_before(brand.slug, month, self.reports_dir)
        changes, languages = changes_of(found, before), (language_of(brand),)
        # Registered before it is there: what was written and not registered, no purge and no erasure would reach.
        remember_report(
            self.store, brand, found, folder, "report", choices, languages=languages, letterhead=self.letterhead,
            before=before, summed_up=True,
        )  # fmt: skip
        written = self.write(Job(warned, folder, languages, head, changes, summed_up=True))
        bundle_of(self.store, brand, ledger, found, folder, choices=choices, told=self.rules(brand))
        return Kept(warned, changes, written)

    def _told(self, brand: Brand, month: Month, since: datetime) -> bool:
        with self.store.read(brand.id) as scope:
            return notices.told_brand(scope.connection, NoticeKind.REPORT, brand.id, since, about=f"of {month} ")


def _text(month: Month, folder: Path) -> str:
    return f"the report of {month} is written: {folder}"


def language_of(brand: Brand) -> str:
    """The brand's own language where reports are written in it, else English."""
    spoken = brand.language.partition("-")[0].lower()
    return spoken if spoken in languages() else "en"


def enclosed(reports_dir: Path, brand: Brand, at: datetime) -> tuple[tuple[str, ...], tuple[File, ...]]:
    """What goes with the notice of a kept report: its lines, and its PDF. `at` is when its month was over.

    Read when it is sent: what had to go from a report meanwhile is in no mail. Without the files, nothing.
    """
    month = last_whole(at, zone(brand.zone))
    folder = folder_of_month(brand.slug, month, reports_dir)
    try:
        lines = tuple((folder / SUMMARY).read_text("utf-8").splitlines())
        content = (folder / PDF).read_bytes()
    except OSError as error:
        log.warning("the report of %s cannot be read: %s", month, error.strerror)
        return (), ()
    return lines, (File(f"{brand.slug}-{month}.pdf", "application/pdf", content),)
