"""Links and their clicks."""

from __future__ import annotations

from collections import Counter
from io import BytesIO

import segno

from crosspost.domain.link import short_url
from crosspost.domain.traffic import Judgement
from crosspost.store import links, traffic
from crosspost.web import verbs
from crosspost.web.messages import NewLink
from crosspost.web.pages.reading import message
from crosspost.web.pages.view import Go, Picture, View
from crosspost.web.site import Call


def show_all(call: Call) -> View:
    with call.read() as scope:
        return View("links", {"links": list(reversed(links.all_of(scope))), "hits": _hits(traffic.per_code(scope))})


def show(call: Call) -> View:
    code = call.path["code"]
    with call.read() as scope:
        found, hits = links.get(scope, code), traffic.per_code(scope).get(code, Counter())
    return View("link", {"link": found, "hits": _hits({code: hits})[code], "short": _short(call, code)})


def qr(call: Call) -> Picture:
    """The short address as a picture to print: quiet zone of four modules, error level M."""
    with call.read() as scope:
        found = links.get(scope, call.path["code"])
    buffer = BytesIO()
    segno.make_qr(_short(call, found.code) or found.target, error="m").save(buffer, kind="svg", scale=8, border=4)
    return Picture(buffer.getvalue(), "image/svg+xml")


def add(call: Call) -> Go:
    return Go(f"/links/{verbs.add_link(call, message(call, NewLink)).code}", "link-added")


def switch(call: Call) -> Go:
    on = call.form.get("on") == "yes"
    code = verbs.switch_link(call, call.path["code"], on=on).code
    return Go(f"/links/{code}", "link-on" if on else "link-off")


def clicks(call: Call) -> View:
    with call.read() as scope:
        known = {one.code: one for one in links.all_of(scope)}
        hits = traffic.per_code(scope)
        rules = traffic.per_rule(scope)
    counted = sorted(_hits(hits).items(), key=lambda one: (-one[1]["possibly"], one[0]))
    return View("clicks", {
        "hits": counted, "links": known,
        "excluded": [one for one in rules if one.judgement in (Judgement.PREVIEW, Judgement.CRAWLER)],
        "unsure": [one for one in rules if one.judgement is Judgement.UNSURE],
    })  # fmt: skip


def _short(call: Call, code: str) -> str | None:
    return short_url(call.brand.public_url, code) if call.brand.public_url else None


def _hits(found: dict[str, Counter[Judgement]]) -> dict[str, dict[str, int]]:
    """Per code: surely people, possibly people, previews, crawlers."""
    return {
        code: {
            "surely": hits[Judgement.PERSON],
            "possibly": hits[Judgement.PERSON] + hits[Judgement.UNSURE],
            "previews": hits[Judgement.PREVIEW],
            "crawlers": hits[Judgement.CRAWLER],
        }
        for code, hits in found.items()
    }
