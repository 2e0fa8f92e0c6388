"""Leads, deals, clients and efforts."""

from __future__ import annotations

from crosspost.clock import zone
from crosspost.domain.errors import NotFound
from crosspost.domain.networks import NETWORKS
from crosspost.store import business
from crosspost.web import verbs
from crosspost.web.messages import Loss, NewClient, NewDeal, NewEffort, NewLead, Touch
from crosspost.web.pages.reading import message
from crosspost.web.pages.view import Go, View
from crosspost.web.site import Call

CHANNELS = (*NETWORKS, "search", "referral", "prospecting", "event", "email", "direct", "paid_search")  # suggested


def leads(call: Call) -> View:
    with call.read() as scope:
        found, won = business.leads(scope), {one.lead_id for one in business.deals(scope)}
    return View("leads", {"leads": list(reversed(found)), "won": won, "channels": CHANNELS})


def lead(call: Call) -> View:
    found = _lead(call)
    with call.read() as scope:
        deals = [one for one in business.deals(scope) if one.lead_id == found.id]
    return View("lead", {"lead": found, "deals": deals, "channels": CHANNELS})


def add_lead(call: Call) -> Go:
    done = verbs.add_lead(call, message(call, NewLead))
    return Go(f"/leads/{done.id}", done.outcome.value)


def lose(call: Call) -> Go:
    found = _lead(call)
    done = verbs.lose_lead(call, found.lead.source_id, message(call, Loss))
    return Go(f"/leads/{found.id}", done.outcome.value)


def touch(call: Call) -> Go:
    found = _lead(call)
    done = verbs.touch_lead(call, found.lead.source_id, message(call, Touch))
    return Go(f"/leads/{found.id}", done.outcome.value)


def deals(call: Call) -> View:
    with call.read() as scope:
        found, open_leads = business.deals(scope), business.leads(scope)
        names = {one.id: one.name for one in business.clients(scope)}
    return View("deals", {"deals": list(reversed(found)), "leads": list(reversed(open_leads)), "names": names})


def add_deal(call: Call) -> Go:
    form = {name: value.upper() if name == "currency" else value for name, value in call.form.items()}
    return Go("/deals", verbs.add_deal(call, message(call, NewDeal, form)).outcome.value)


def clients(call: Call) -> View:
    with call.read() as scope:
        return View("clients", {"clients": list(reversed(business.clients(scope)))})


def add_client(call: Call) -> Go:
    return Go("/clients", verbs.add_client(call, message(call, NewClient)).outcome.value)


def efforts(call: Call) -> View:
    with call.read() as scope:
        found = list(reversed(business.efforts(scope)))
    today = call.now.astimezone(zone(call.brand.zone)).date()
    monday = today.fromordinal(today.toordinal() - today.weekday())
    return View("efforts", {"efforts": found, "monday": monday.isoformat(), "channels": CHANNELS})


def add_effort(call: Call) -> Go:
    form = {name: value.upper() if name == "currency" else value for name, value in call.form.items()}
    return Go("/efforts", verbs.add_effort(call, message(call, NewEffort, form)).outcome.value)


def _lead(call: Call) -> business.StoredLead:
    found = verbs.lead_of(call, call.path["id"])
    if found is None:
        raise NotFound("no lead has this id", remedy="see the list of leads")
    return found
