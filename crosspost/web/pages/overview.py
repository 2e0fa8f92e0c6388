"""A brand at a glance, and what its audit finds."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from crosspost.clock import zone
from crosspost.commands.clicks import clicks
from crosspost.commands.status import status
from crosspost.domain.delivery import State
from crosspost.domain.period import Period
from crosspost.domain.stage import Stage
from crosspost.domain.traffic import Judgement
from crosspost.store import business, deliveries, efforts
from crosspost.web.pages.view import View
from crosspost.web.site import Call

DAYS = 28  # of the clicks
_NEXT = 5


def show(call: Call) -> View:
    local = call.now.astimezone(zone(call.brand.zone))
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with call.read() as scope:
        leads, timers = business.leads(scope), efforts.timers(scope)
        waiting = deliveries.listed(scope, {State.SCHEDULED, State.DRAFT})
        people = deliveries.listed(scope, {State.NEEDS_PERSON})
    hits: Counter[Judgement] = Counter()
    for one in clicks(call.store, call.brand, "link", Period(call.now - timedelta(days=DAYS), call.now)):
        hits.update(one.hits)
    found = status(call.store, call.now, ways=0)
    mine = next(one for one in found.brands if one.slug == call.brand.slug)
    return View("overview", {
        "days": DAYS, "hits": hits, "month": month,
        "leads": _since(leads, month), "timers": timers,
        "open": sum(1 for one in leads if one.stage not in (Stage.WON, Stage.LOST)),
        "next": [one for one in waiting if one.state is State.SCHEDULED][:_NEXT], "waiting": len(waiting),
        "people": people, "status": mine, "last_tick": found.last_tick, "ticking": found.ticking,
        "stopped": found.stopped or mine.stopped or found.held,
    })  # fmt: skip


def audit(call: Call) -> View:
    return View("audit", {"audit": call.site.audits.of(call.brand, call.now)})


def _since(leads: list[business.StoredLead], start: datetime) -> int:
    return sum(1 for one in leads if one.lead.contacted_at >= start)
