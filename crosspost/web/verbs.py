"""What both the pages and the API do for a brand: thin, over the commands."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import IntegrityError

from crosspost.commands import business, links
from crosspost.domain.business import Touchpoint, folded
from crosspost.domain.errors import Conflict
from crosspost.domain.stage import Stage
from crosspost.store import business as stored
from crosspost.store.business import Outcome, Recorded
from crosspost.web.messages import Loss, NewClient, NewDeal, NewEffort, NewLead, NewLink, Reach, Touch
from crosspost.web.site import Call


def add_link(call: Call, new: NewLink) -> links.ShownLink:
    """A link of the brand's own. Raises BadInput, Conflict where the slug is taken."""
    return links.add_link(call.store, call.brand, new.target, call.now, who=call.who, chosen=new.slug)


def switch_link(call: Call, code: str, *, on: bool) -> links.ShownLink:
    """Let a link answer, or answer no more. Raises NotFound."""
    return links.switch_link(call.store, call.brand, code, call.now, who=call.who, on=on)


def add_lead(call: Call, new: NewLead) -> Recorded:
    """Record somebody who asked. Raises BadInput, Conflict where it contradicts what is recorded."""
    path = tuple(Touchpoint(one.channel, one.at, one.note) for one in new.touchpoints)

    return recorded(
        lambda: business.add_lead(
            call.store, call.brand.id, call.now, lead_id=new.id, contacted_at=new.at, channel=new.channel,
            told=new.told, code=new.code, path=path, mail=new.mail,
            person_key=call.person_key if new.mail or new.referrer else None, source=call.source,
            rules=call.site.rules_of(call.brand.slug), referrer=new.referrer,
        )
    )  # fmt: skip


def lose_lead(call: Call, source_id: str, loss: Loss) -> Recorded:
    """Record that a lead came to nothing."""
    return recorded(
        lambda: business.lose_lead(
            call.store, call.brand.id, call.now, source_id, at=loss.at, reason=loss.reason,
            competitor=loss.competitor, source=call.source,
        )
    )  # fmt: skip


def stage_lead(call: Call, source_id: str, reach: Reach) -> Recorded:
    """Record how far a lead is. Raises BadInput, Conflict."""
    return recorded(
        lambda: business.stage_lead(
            call.store, call.brand.id, call.now, source_id, Stage(reach.stage), at=reach.at, amount=reach.amount,
            currency=reach.currency or call.brand.currency, source=call.source,
        )
    )  # fmt: skip


def touch_lead(call: Call, source_id: str, touch: Touch) -> Recorded:
    """Add a contact to a lead's journey."""
    return recorded(
        lambda: business.add_touchpoint(
            call.store, call.brand.id, call.now, source_id, touch.channel, at=touch.at, note=touch.note, code=touch.code
        )
    )


def add_deal(call: Call, new: NewDeal) -> Recorded:
    """Record a sale. Raises BadInput, NotFound for an unknown lead, Conflict where it contradicts."""
    return recorded(
        lambda: business.add_deal(
            call.store, call.brand.id, call.now, deal_id=new.id, won_at=new.at, amount=new.amount, margin=new.margin,
            currency=new.currency or call.brand.currency, lead_id=new.lead, returning=new.returning,
            client_name=new.client, mail=new.mail, person_key=call.person_key if new.mail else None,
            source=call.source,
        )
    )  # fmt: skip


def add_client(call: Call, new: NewClient) -> Recorded:
    """Record somebody who buys."""
    return recorded(
        lambda: business.add_client(
            call.store, call.brand.id, call.now, name=new.name, since=new.since, mail=new.mail,
            person_key=call.person_key if new.mail else None,
        )
    )  # fmt: skip


def add_effort(call: Call, new: NewEffort) -> Recorded:
    """Record hours spent on a channel.

    Without an id, one channel and first day are one effort, told here or on the command line: never counted twice.
    """
    name, source = (new.id, call.source) if new.id else (f"{folded(new.channel)}/{new.start.isoformat()}", "cli")
    return recorded(
        lambda: business.add_effort(
            call.store, call.brand.id, call.now, new.channel, new.hours, start=new.start, days=new.days,
            fees=new.fees, currency=new.currency or call.brand.currency, effort_id=name, source=source,
        )
    )  # fmt: skip


def lead_of(call: Call, lead_id: str) -> stored.StoredLead | None:
    """The brand's lead of that id of ours."""
    with call.read() as scope:
        return next((one for one in stored.leads(scope) if one.id == lead_id), None)


def recorded(once: Callable[[], Recorded]) -> Recorded:
    """What was recorded. Raises Conflict where it contradicts what was recorded first, which is kept."""
    try:
        done = once()
    except IntegrityError:  # the same came twice at once: by now the other one is stored
        done = once()
    if done.outcome is Outcome.DIFFERS:
        raise Conflict(
            f"it was recorded before with another {', '.join(done.differences)}; the first is kept",
            remedy="give it another id, or the same values",
        )
    return done
