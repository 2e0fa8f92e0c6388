"""Where a report, an audit and its bundle are written, unless somebody says otherwise."""

from __future__ import annotations

from pathlib import Path

from crosspost.audit.results import Audit
from crosspost.domain.month import WRITTEN, Month, month_of
from crosspost.report.language.words import zone_of

JSON = "audit.json"  # in each of them


def folder_of(found: Audit, reports_dir: Path) -> Path:
    """`reports/<brand>/<period>`, the period by the days it starts and ends on: 2026-01-05_2026-07-06."""
    zone = zone_of(found.brand.zone)
    start, end = (moment.astimezone(zone).date() for moment in (found.period.start, found.period.end))
    return reports_dir / found.brand.slug / f"{start}_{end}"


def folder_of_month(slug: str, month: Month, reports_dir: Path) -> Path:
    """`reports/<brand>/<month>` of the report that is kept for a month: 2026-10."""
    return reports_dir / slug / str(month)


def kept_before(slug: str, month: Month, reports_dir: Path) -> Path | None:
    """The folder of the latest report kept for an earlier month; None where there is none."""
    try:
        names = [one.name for one in (reports_dir / slug).iterdir() if WRITTEN.fullmatch(one.name)]
    except OSError:
        return None
    earlier = sorted((at for at in map(month_of, names) if at < month), reverse=True)
    folders = (folder_of_month(slug, at, reports_dir) for at in earlier)
    return next((folder for folder in folders if (folder / JSON).is_file()), None)
