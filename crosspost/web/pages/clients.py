"""Leads, deals, clients and efforts."""

from __future__ import annotations

from crosspost.clock import zone
from crosspost.commands import efforts as efforts_of
from crosspost.commands.clients import show_lead
from crosspost.domain.errors import NotFound
from crosspost.domain.networks import NETWORKS
from crosspost.store import business
from crosspost.store import clients as stored_clients
from crosspost.store import efforts as stored_efforts
from crosspost.store.stages import live
from crosspost.web import verbs
from crosspost.web.messages import Loss, NewClient, NewDeal, NewEffort, NewLead, Reach, Timer, Touch
from crosspost.web.pages.reading import message
from crosspost.web.pages.view import Go, View
from crosspost.web.site import Call

CHANNELS = (*NETWORKS, "search", "referral", "prospecting", "event", "email", "direct", "paid_search")  # suggested


def leads(call: Call) -> View:
    with call.read() as scope:
        return View("leads", {"leads": list(reversed(business.leads(scope))), "channels": CHANNELS})


def lead(call: Call) -> View:
    found = show_lead(call.store, call.brand.id, _lead(call).lead.source_id)
    return View("lead", {
        "lead": found.lead, "stage": found.stage.value, "reached": live(found.history), "senders": found.senders,
        "deals": found.deals, "channels": CHANNELS,
    })  # fmt: skip


def add_lead(call: Call) -> Go:
    done = verbs.add_lead(call, message(call, NewLead))
    return Go(f"/leads/{done.id}", done.outcome.value)


def lose(call: Call) -> Go:
    found = _lead(call)
    done = verbs.lose_lead(call, found.lead.source_id, message(call, Loss))
    return Go(f"/leads/{found.id}", done.outcome.value)


def stage(call: Call) -> Go:
    found = _lead(call)
    done = verbs.stage_lead(call, found.lead.source_id, message(call, Reach, _upper(call)))
    return Go(f"/leads/{found.id}", done.outcome.value)


def touch(call: Call) -> Go:
    found = _lead(call)
    done = verbs.touch_lead(call, found.lead.source_id, message(call, Touch))
    return Go(f"/leads/{found.id}", done.outcome.value)


def deals(call: Call) -> View:
    with call.read() as scope:
        found, open_leads = business.deals(scope), business.leads(scope)
        names = {one.id: one.name for one in stored_clients.clients(scope)}
    return View("deals", {"deals": list(reversed(found)), "leads": list(reversed(open_leads)), "names": names})


def add_deal(call: Call) -> Go:
    return Go("/deals", verbs.add_deal(call, message(call, NewDeal, _upper(call))).outcome.value)


def clients(call: Call) -> View:
    with call.read() as scope:
        return View("clients", {"clients": list(reversed(stored_clients.clients(scope)))})


def add_client(call: Call) -> Go:
    return Go("/clients", verbs.add_client(call, message(call, NewClient)).outcome.value)


def efforts(call: Call) -> View:
    with call.read() as scope:
        found, timers = list(reversed(stored_efforts.efforts(scope))), stored_efforts.timers(scope)
    monday = efforts_of.monday(call.now, zone(call.brand.zone)).isoformat()
    return View("efforts", {
        "efforts": found, "timers": timers, "monday": monday, "channels": CHANNELS,
        "forgotten": {name for name, since in timers.items() if call.now - since > efforts_of.LONGEST},
    })  # fmt: skip


def add_effort(call: Call) -> Go:
    return Go("/efforts", verbs.add_effort(call, message(call, NewEffort, _upper(call))).outcome.value)


def start_timer(call: Call) -> Go:
    efforts_of.start_timer(call.store, call.brand.id, call.now, message(call, Timer).channel)
    return Go("/efforts", "timer-on")


def stop_timer(call: Call) -> Go:
    """Stop a timer. Where it ran too long to be believed, the hours are asked for: `unknown` ticked, or a number."""
    told, unknown = message(call, Timer), call.form.get("unknown") == "yes"
    efforts_of.stop_timer(
        call.store, call.brand, call.now, told.channel, hours=told.hours, told=unknown or told.hours is not None
    )
    return Go("/efforts", "timer-off")


def _lead(call: Call) -> business.StoredLead:
    found = verbs.lead_of(call, call.path["id"])
    if found is None:
        raise NotFound("no lead has this id", remedy="see the list of leads")
    return found


def _upper(call: Call) -> dict[str, str]:
    """The form with the currency as it is written in ISO 4217."""
    return {name: value.upper() if name == "currency" else value for name, value in call.form.items()}
