"""Links and their clicks."""

from __future__ import annotations

from crosspost.commands.clicks import clicks as counted
from crosspost.commands.clicks import not_counted
from crosspost.commands.links import all_links, draw, one_link
from crosspost.domain.traffic import Judgement, people
from crosspost.web import verbs
from crosspost.web.messages import NewLink
from crosspost.web.pages.reading import message
from crosspost.web.pages.view import Go, Picture, View
from crosspost.web.site import Call


def show_all(call: Call) -> View:
    return View("links", {"links": list(reversed(all_links(call.store, call.brand)))})


def show(call: Call) -> View:
    found = one_link(call.store, call.brand, call.path["code"])
    return View("link", {"link": found.link, "short": found.address, "hits": found.hits, "kinds": Judgement})


def qr(call: Call) -> Picture:
    """The short address, or without one where the link leads, as a picture to print."""
    found = one_link(call.store, call.brand, call.path["code"])
    return Picture(draw(found.address or found.link.target, "svg", 8), "image/svg+xml")


def add(call: Call) -> Go:
    return Go(f"/links/{verbs.add_link(call, message(call, NewLink)).link.code}", "link-added")


def switch(call: Call) -> Go:
    on = call.form.get("on") == "yes"
    code = verbs.switch_link(call, call.path["code"], on=on).link.code
    return Go(f"/links/{code}", "link-on" if on else "link-off")


def clicks(call: Call) -> View:
    found = sorted(counted(call.store, call.brand, "link"), key=lambda one: (*(-n for n in people(one.hits)), one.name))
    others = not_counted(call.store, call.brand)
    return View("clicks", {
        "clicks": found, "kinds": Judgement,
        "excluded": [one for one in others if one.judgement is not Judgement.UNSURE],
        "unsure": [one for one in others if one.judgement is Judgement.UNSURE],
    })  # fmt: skip
