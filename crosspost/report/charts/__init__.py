"""From the audit's tables to chart records: values are chosen, ordered and worded, never computed.

A chart is one file here and one line below; shapes draw it.
"""

from __future__ import annotations

from crosspost.audit.results import Audit
from crosspost.report.charts.channels import channels
from crosspost.report.charts.conversion import conversion
from crosspost.report.charts.funnel import funnel
from crosspost.report.charts.hours import hours
from crosspost.report.charts.source import Source
from crosspost.report.charts.verdicts import verdicts
from crosspost.report.charts.visibility import visibility
from crosspost.report.language.words import Words
from crosspost.report.records import Chart

# In the order in which people look.
CHARTS = (
    verdicts,
    channels,
    visibility,
    funnel,
    conversion,
    hours,
)

# The names of those that come before the annex, six at the most: in the order of the questions of the first page.
LEADING = ("verdicts", "channels", "visibility", "hours", "experiments", "funnel", "conversion")


def prepare(audit: Audit, words: Words) -> tuple[Chart, ...]:
    """Every chart of the report, in the order people look."""
    source = Source(audit, words)
    return tuple(make(source) for make in CHARTS)
