"""What each network offers and needs, told by the networks' own files: the table of capabilities.

    python -m crosspost.commands.capabilities README.md

writes it between the markers of a file.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from crosspost.domain.delivery import DeliveryClass
from crosspost.domain.kind import Kind
from crosspost.domain.limits import Limits
from crosspost.domain.metric import Metric
from crosspost.networks import NETWORKS, network
from crosspost.networks.network import (
    Adapter,
    Audience,
    Closed,
    Connection,
    Lister,
    Meter,
    Postable,
    Publisher,
    Remover,
    Replier,
    options,
    placements,
)
from crosspost.outside.http import Outbound

BEGIN, END = "<!-- networks:begin -->", "<!-- networks:end -->"
DECISIVE = ("text", "card", "none")  # placements of the link by which a post can, or cannot, be recognised
REPLY = "a reply"
# Every common name of a post's metric, in the order of the tables.
METRICS = (
    "impressions", "reach", "clicks", "link_clicks", "profile_clicks", "likes", "replies", "reposts", "quotes",
    "bookmarks",
)  # fmt: skip


def capabilities(name: str | None = None) -> list[dict[str, Any]]:
    """One entry per network; a closed one has no limits, only since when. Raises BadInput for an unknown name."""
    return [_of(one) for one in ([name] if name else NETWORKS)]


def _of(name: str) -> dict[str, Any]:
    found = network(name)
    entry: dict[str, Any] = {"network": name, "title": found.title, "kind": found.kind.value}
    if found.kind is Kind.CLOSED:
        gone = cast(type[Closed], found)
        day = gone.closed_on.isoformat() if gone.closed_on else None
        return {**entry, "closed_on": day, "source": gone.closed_source, "publish": False}
    limits: Limits | None = getattr(found, "limits", None)
    if limits is not None:
        entry |= _limits(limits)
    metrics: tuple[Metric, ...] = getattr(found, "metrics", ())
    entry |= {
        "publish": issubclass(found, Publisher),
        "measure": issubclass(found, Meter),
        "delete": issubclass(found, Remover),
        "list_posts": issubclass(found, Lister),
        "reactors": issubclass(found, Audience),
        "link_in": list(placements(cast(type[Postable], found))),
        "options": {option: list(values) for option, values in options(cast(type[Postable], found)).items()},
        "metrics": {what: [_metric(one) for one in metrics if one.about == what] for what in ("post", "account")},
    }
    return entry | _spoken_to(cast(type[Adapter], found)) if found.kind is Kind.CONNECTOR else entry


def _limits(limits: Limits) -> dict[str, Any]:
    return {
        "text": [{"unit": one.unit, "max": one.max, "link_cost": one.link_cost} for one in limits.text],
        "images": limits.images,
        "needs_image": limits.needs_image,
        "alt_text": limits.alt_text,
        "image_bytes": limits.image_bytes,
        "source": limits.source,
        "read_on": limits.read_on.isoformat(),
    }


def _metric(one: Metric) -> dict[str, Any]:
    return {
        "metric": one.name, "provider_name": one.provider_name, "of": one.of, "status": one.status.value,
        "reason": one.reason,
    }  # fmt: skip


def _spoken_to(found: type[Adapter]) -> dict[str, Any]:
    facts = found.facts
    prices = facts.prices
    return {
        "server": found.default_server,
        "needs": dict(found.secrets),
        "auth": facts.auth,
        "login": None
        if found.login is None
        else {
            "renewal": found.login.renewal.value,
            "reading": list(found.login.reading),
            "writing": list(found.login.writing),
            "source": found.login.source,
            "read_on": found.login.read_on.isoformat(),
        },
        "retention": {
            "rules": [
                {
                    "what": rule.what,
                    "hours": rule.keep // timedelta(hours=1),
                    "of": rule.begins,
                    "why": rule.why,
                    "open": rule.open,
                }
                for rule in found.retention.rules
            ],
            "deleted_hours": None if found.retention.gone is None else found.retention.gone // timedelta(hours=1),
            "note": found.retention.note,
            "source": found.retention.reference.source,
            "read_on": found.retention.reference.read_on.isoformat(),
        },
        "cost": facts.cost,
        "review": facts.review,
        "card": facts.card.value,
        "fetches_images": facts.fetches_images,
        "apart": facts.apart,
        "metrics_from": {
            "source": found.metrics_reference.source,
            "read_on": found.metrics_reference.read_on.isoformat(),
        },
        "facts": {"source": facts.source, "read_on": facts.read_on.isoformat()},
        "prices": None
        if prices is None
        else {
            "currency": prices.currency,
            "each": {action: str(price) for action, price in prices.each.items()},
            "source": prices.source,
            "read_on": prices.read_on.isoformat(),
        },
        "delivery_class": [
            {"variant": variant, "link": placement, "class": one.value}
            for variant, settings in (facts.variants or {"": {}}).items()
            for placement, one in _classes(found, settings).items()
        ],
    }


def _classes(found: type[Adapter], settings: Mapping[str, str]) -> dict[str, DeliveryClass]:
    """By placement of the link, and of a reply, from the adapter's own methods."""
    made = found(
        Connection(
            server=found.default_server or "https://server.example", remote_id="", handle="", secrets={},
            settings=settings, outbound=Outbound(), save=lambda _name, _value: None, now=lambda: datetime.now(UTC),
        )
    )  # fmt: skip
    if not isinstance(made, Publisher):
        return {}
    classes: dict[str, DeliveryClass] = {one: made.delivery_class(one) for one in placements(found) if one in DECISIVE}
    return {**classes, REPLY: made.reply_class()} if isinstance(made, Replier) else classes


def told_class(entry: Mapping[str, Any]) -> str:
    """The classes in a few words: `card: readable only; none: blind`, shortened where placements agree."""
    by_variant: dict[str, dict[str, list[str]]] = {}
    for one in entry.get("delivery_class", []):
        if one["link"] == REPLY:
            continue
        by_variant.setdefault(one["variant"], {}).setdefault(one["class"], []).append(one["link"])
    parts = []
    for variant, classes in by_variant.items():
        words = [
            name if len(classes) == 1 or "text" in links else f"{name} if the link is in {' or '.join(links)}"
            for name, links in classes.items()
        ]
        words = [word.replace("if the link is in none", "without it in the post") for word in words]
        parts.append((f"{variant}: " if variant else "") + ", ".join(words))
    return "; ".join(parts)


def told_text(entry: Mapping[str, Any]) -> str:
    def one(limit: Mapping[str, Any]) -> str:
        cost = f", a link counts {limit['link_cost']}" if limit["link_cost"] is not None else ""
        return f"{limit['max']:,} {limit['unit']}{cost}"

    return "; ".join(one(limit) for limit in entry.get("text", []))


def told_auth(entry: Mapping[str, Any]) -> str | None:
    auth: str | None = entry.get("auth")
    return f"a login in the browser, or {auth}" if entry.get("login") else auth


def told_alt(entry: Mapping[str, Any]) -> str | None:
    """Whether images are described there, and in how many characters; None where it is not known."""
    if "auth" not in entry:
        return None
    return "yes" if entry["alt_text"] is None else f"{entry['alt_text']:,}"


def told_placements(entry: Mapping[str, Any]) -> str:
    """Where the link may stand; a bio page and nowhere are possible with every network."""
    return ", ".join(one for one in entry.get("link_in", []) if one not in ("bio", "none"))


def told_images(entry: Mapping[str, Any]) -> str:
    if not entry.get("images"):
        return "none"
    words = f"{entry['images']}, needed" if entry["needs_image"] else f"up to {entry['images']}"
    return words + (", by public address" if entry.get("fetches_images") else "")


def offers(entry: Mapping[str, Any], metric: str) -> bool:
    """Whether some kind of account of the network tells that number of a post."""
    found = entry.get("metrics", {}).get("post", [])
    return any(one["metric"] == metric and one["status"] != "unsupported" for one in found)


def markdown() -> str:
    """The table of the README."""
    head = (
        "Network", "Connects by", "Cost", "Review", "Text", "Images", "Alt text", "Link in", "Link card by", "Delete",
        "Read back", "Delivery class", "Numbers of a post", "Read on",
    )  # fmt: skip
    rows = [head, ("---",) * len(head)]
    for one in capabilities():
        if one["kind"] == Kind.CLOSED.value:
            rows.append((one["title"], f"closed {one['closed_on'] or ''}".strip(), *("",) * (len(head) - 2)))
            continue
        if one["kind"] == Kind.MANUAL.value:
            text, images = told_text(one), told_images(one)
            where = told_placements(one)
            rows.append((
                one["title"], "by hand", "", "", text, images, "", where, *("",) * (len(head) - 9), one["read_on"],
            ))  # fmt: skip
            continue
        numbers = ", ".join(name.replace("_", " ") for name in METRICS if offers(one, name))
        rows.append((
            one["title"], told_auth(one) or "", one["cost"], one["review"], told_text(one), told_images(one),
            told_alt(one) or "", told_placements(one), one["card"], _yes(one["delete"]), _yes(one["list_posts"]),
            told_class(one), numbers, one["facts"]["read_on"],
        ))  # fmt: skip
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def written_into(text: str) -> str:
    """`text` with the table between its markers. Raises ValueError without them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"there is no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{markdown()}\n{END}{after}"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        page = Path(name)
        page.write_text(written_into(page.read_text("utf-8")), "utf-8")
