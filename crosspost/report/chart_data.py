"""From the audit's tables to chart records: values are chosen, ordered and worded, never computed."""

from __future__ import annotations

from crosspost.audit.results import Audit
from crosspost.report.chart_networks import funnel, hours, visibility
from crosspost.report.chart_shares import channels, conversion, verdicts
from crosspost.report.chart_source import Source
from crosspost.report.records import Chart
from crosspost.report.words import Words


def prepare(audit: Audit, words: Words) -> tuple[Chart, ...]:
    """Every chart of the report, in the order people look."""
    source = Source(audit, words)
    return tuple(make(source) for make in (verdicts, channels, visibility, funnel, conversion, hours))
