"""What is counted, once: Ibis expressions over two tables, compiled to the SQL of each engine.

They keep to what every engine counts alike: whole numbers, sums, text that is compared and never folded. A journey's
order is packed into one number a touch (place above channel), since engines order what they collect each in its way.
"""

from __future__ import annotations

from crosspost.audit.statistics import UNKNOWN, WEEK_S, Span
from crosspost.counters.tables import LARGE, LEADS, TOUCHES
from crosspost.domain.errors import Unavailable

try:
    import ibis
    from ibis.expr import types as ir
except ImportError:  # whoever loads this asked for an engine
    raise Unavailable("Ibis is not installed, which DuckDB and Spark count leads by", remedy=LARGE) from None

CHANNELS = 1 << 20  # distinct names at most; 2**43 touches of one lead

_lead = ibis.table(LEADS, name="lead")
_touch = ibis.table(TOUCHES, name="touch")
_channel = ibis.table({"name": "string", "code": "int64"}, name="channel")


def channels() -> ir.Table:
    """The names of all touches' channels."""
    return _touch.select("channel").distinct()


def paths(span: Span) -> ir.Table:
    """(codes of the path, conversions, value, nulls) of every distinct path."""
    coded = _touch.join(_channel, _touch.channel == _channel.name)
    steps = coded.select("lead", step=_touch.place * CHANNELS + _channel.code)
    walked = steps.group_by("lead").agg(path=steps.step.collect())
    ordered = walked.mutate(path=walked.path.sort().map(lambda step: step % CHANNELS))
    inside = _inside(span)
    joined = inside.join(ordered, inside.lead == ordered.lead).select("path", "won", "money")
    return joined.group_by("path").agg(
        conversions=joined.won.sum(), value=joined.money.sum(), nulls=(1 - joined.won).sum()
    )


def stages(span: Span) -> ir.Table:
    """(channel, leads, talking, offered, won, lost, money) of every recorded channel."""
    inside = _inside(span)
    return inside.group_by("channel").agg(
        leads=inside.contacted_s.count(), talking=inside.talking_s.count(), offered=inside.offered_s.count(),
        won=inside.won_s.count(), lost=inside.lost_s.count(), money=inside.money.sum(),
    )  # fmt: skip


def weeks(span: Span, at: str) -> ir.Table:
    """(week, channel, leads, won, money) by the week of `at`: contacted_s, for leads, or won_s, for deals."""
    inside = _inside(span)
    dated = inside.filter(inside[at].notnull())
    # Not below nothing: engines disagree about where negative numbers are rounded to.
    week = ((dated[at] - span.start_s + WEEK_S * _BEFORE) // WEEK_S - _BEFORE).cast("int64")
    dated = dated.mutate(week=week)
    leads, won = (1, 0) if at == "contacted_s" else (0, 1)
    return dated.group_by(["week", "channel"]).agg(
        leads=dated.count() * leads, won=dated.count() * won, money=dated.money.sum() * won
    )


_BEFORE = 10_000  # weeks before the period that a deal may have been won in


def _inside(span: Span) -> ir.Table:
    """Leads of the period, once each. `money` is nothing where it was not won, not told, or in another currency."""
    at = ibis.coalesce(_lead.contacted_s, _lead.won_s)
    inside = _lead.filter((at >= span.start_s) & (at < span.end_s))
    told = inside.won_s.notnull() & (inside.currency == span.currency)
    return inside.mutate(
        channel=ibis.coalesce(inside.channel.nullif(""), UNKNOWN),
        won=inside.won_s.notnull().cast("int64"),
        money=ibis.ifelse(told, ibis.coalesce(inside.amount_minor, 0), 0).cast("int64"),
    )
