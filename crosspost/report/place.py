"""Where a report, an audit and its bundle are written, unless somebody says otherwise."""

from __future__ import annotations

from pathlib import Path

from crosspost.audit.results import Audit
from crosspost.report.language.words import zone_of


def folder_of(found: Audit, reports_dir: Path) -> Path:
    """`reports/<brand>/<period>`, the period by the days it starts and ends on: 2026-01-05_2026-07-06."""
    zone = zone_of(found.brand.zone)
    start, end = (moment.astimezone(zone).date() for moment in (found.period.start, found.period.end))
    return reports_dir / found.brand.slug / f"{start}_{end}"
