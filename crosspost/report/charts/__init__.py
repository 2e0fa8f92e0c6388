"""From the audit's tables to chart records: values are chosen, ordered and worded, never computed.

A chart is one file here and one line below; shapes draw it.
"""

from __future__ import annotations

from collections.abc import Callable

from crosspost.audit.results import Audit
from crosspost.report.charts.audience import audience
from crosspost.report.charts.calendar import calendar
from crosspost.report.charts.channels import channels
from crosspost.report.charts.conversion import conversion
from crosspost.report.charts.coverage import coverage
from crosspost.report.charts.credit import credit
from crosspost.report.charts.experiments import experiments
from crosspost.report.charts.fading import fading
from crosspost.report.charts.funnel import funnel
from crosspost.report.charts.hours import hours
from crosspost.report.charts.interruptions import interruptions
from crosspost.report.charts.lags import lags
from crosspost.report.charts.path_lengths import path_lengths
from crosspost.report.charts.payback import payback
from crosspost.report.charts.source import Source
from crosspost.report.charts.told import told
from crosspost.report.charts.verdicts import verdicts
from crosspost.report.charts.visibility import visibility
from crosspost.report.language.words import Words
from crosspost.report.records import Chart, LeftOut

Make = Callable[[Source], Chart | LeftOut]

# In the order in which people look.
CHARTS: tuple[Make, ...] = (
    verdicts,
    channels,
    visibility,
    funnel,
    conversion,
    credit,
    hours,
    experiments,
    payback,
    told,
    lags,
    path_lengths,
    audience,
    fading,
    interruptions,
    calendar,
    coverage,
)

# The names of those that come before the annex, five at the most: in the order of the questions of the first page.
LEADING = ("verdicts", "channels", "visibility", "hours", "experiments", "funnel", "conversion")


def made(audit: Audit, words: Words) -> tuple[Chart | LeftOut, ...]:
    """Every chart in the order people look, or why the report does without it."""
    source = Source(audit, words)
    return tuple(make(source) for make in CHARTS)


def prepare(audit: Audit, words: Words) -> tuple[Chart, ...]:
    """The charts that are drawn."""
    return tuple(one for one in made(audit, words) if isinstance(one, Chart))
