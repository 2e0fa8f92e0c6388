"""Every route of the table, asked by everybody for everything: nothing of another brand may come back or change.

`python -m tests.web.sweep` prints what was asked, and what was wrong.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx

from crosspost.commands.signing import csrf_of
from crosspost.web.routes import Access, routes
from tests.web.furnished import FORM, Furnished, Things, furnished

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PUBLIC = ("/bio/", "/v/")  # everybody may know these brands: their slugs stand on pages for everybody
RANDOM = "7zzzzzzzzzzzzzzzzzzzzzzzzz"  # an id nobody has


@dataclass
class Swept:
    routes: int = 0
    requests: int = 0
    troubles: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Asker:
    """Who asks, and whether they may see the first brand."""

    name: str
    cookie: str = ""
    key: str = ""
    sees: bool = True


@dataclass(frozen=True)
class Aim:
    """What is asked for. `foreign`: of the second brand, which nobody who asks may see."""

    name: str
    slug: str
    things: Things
    foreign: bool


def sweep(site: Furnished, only: str = "") -> Swept:
    """Ask everything; `only` takes the routes with that text in their address."""
    found = Swept()
    nothing = replace(
        site.mine,
        code="nobodys22",
        lead=RANDOM,
        lead_source="nobodys",
        delivery=RANDOM,
        prefix="cpk_nobodys0",
        owner="nobody-here",
    )
    aims = (
        Aim("own", "atelier", site.mine, foreign=False),
        Aim("random id", "atelier", nothing, foreign=False),
        Aim("foreign id", "atelier", site.theirs, foreign=True),
        Aim("random brand", "nobody", nothing, foreign=False),
        Aim("foreign brand", "other", site.theirs, foreign=True),
    )
    before = site.rows(site.theirs.brand_id)
    for methods, path, access in _table():
        if only not in path:
            continue
        found.routes += 1
        askers = _askers(site, access)
        for method in METHODS:
            served = method in methods or (method == "HEAD" and "GET" in methods)
            for asker in askers if served else askers[:1]:
                answers = {}
                for aim in aims if served else aims[:1]:
                    found.requests += 1
                    answer = _ask(site, method, path, asker, aim)
                    answers[aim.name] = answer
                    what = f"{method} {path} as {asker.name} for {aim.name}: {answer.status_code}"
                    wrong = _wrong(site, answer, path, access, asker, aim, served)
                    found.troubles += [f"{what}: {one}" for one in wrong]
                if served and not path.startswith(PUBLIC):
                    found.troubles += _told_apart(site, answers, f"{method} {path} as {asker.name}")
    if site.rows(site.theirs.brand_id) != before:
        found.troubles.append("rows of the other brand were changed")
    return found


def _table() -> Iterator[tuple[tuple[str, ...], str, Access]]:
    nowhere = cast(Any, None)  # handlers are made, and none is called
    visits = cast(Any, SimpleNamespace(show_script=None, take=None))
    for one in routes(nowhere, nowhere, nowhere, visits):
        yield one.methods, one.path, one.access


def _askers(site: Furnished, access: Access) -> list[Asker]:
    owner = Asker("owner", cookie=site.session(site.mine.owner))
    key = Asker("key", key=site.mine.key.reveal())
    nobody = Asker("nobody", sees=False)
    if access is Access.KEY:
        return [key, Asker("reading key", key=site.mine.read_key.reveal()), nobody, owner]
    if access in (Access.MEMBER, Access.USER):
        return [owner, Asker("reader", cookie=site.session(site.mine.reader)), nobody, key]
    return [owner, nobody]


def _ask(site: Furnished, method: str, path: str, asker: Asker, aim: Aim) -> httpx.Response:
    things = aim.things
    id_ = things.delivery if "deliveries" in path else things.lead
    address = (
        path.replace("{brand}", aim.slug).replace("{code}", things.code).replace("{id}", id_)
        .replace("{network}", "linkedin").replace("{handle:path}", "@atelier").replace("{name}", "none.png")
    )  # fmt: skip
    headers, content = {}, b""
    if asker.cookie:
        headers["Cookie"] = f"crosspost={asker.cookie}"
    if asker.key:
        headers["Authorization"] = f"Bearer {asker.key}"
    told = {
        "target": f"https://{aim.slug}.example/", "channel": "meetup", "hours": "1", "start": "2026-03-01",
        "lead": things.lead_source, "prefix": things.prefix, "name": things.owner if "remove" in path else "somebody",
        "scope": "read", "role": "reader", "on": "yes", "stage": "talking",
    }  # fmt: skip
    if method in ("POST", "PUT", "PATCH"):
        if path.startswith(("/api", "/v1")):
            headers["Content-Type"] = "application/json"
            content = json.dumps(_message(path, told)).encode()
        else:
            headers["Content-Type"] = FORM
            content = str(httpx.QueryParams(told | {"csrf": csrf_of(asker.cookie)})).encode()
    answer = site.client.request(method, address, headers=headers, content=content)
    if "sign" in path and asker.cookie:
        site.session(site.mine.owner), site.session(site.mine.reader)
    return answer


def _message(path: str, told: dict[str, str]) -> dict[str, str]:
    """The fields that the operation of this address takes."""
    wanted = {
        "links": ("target",), "leads": ("channel",), "deals": ("lead",), "clients": ("name",), "loss": (),
        "touchpoints": ("channel",), "stages": ("stage",), "efforts": ("channel", "hours", "start"),
    }  # fmt: skip
    return {name: told[name] for name in wanted.get(path.rpartition("/")[2], ())}


def _wrong(
    site: Furnished, answer: httpx.Response, path: str, access: Access, asker: Asker, aim: Aim, served: bool
) -> Iterator[str]:
    text = answer.text + repr(answer.headers.raw)
    if answer.status_code >= 500:
        yield "a server error"
    for asked in (aim.things.lead_source, aim.things.code, aim.things.owner):
        text = text.replace(asked, "")  # what was asked for may be said back, and nothing beside it
    if site.theirs.canary in text:
        yield "the other brand's canary"
    if not asker.sees and site.mine.canary in text and not path.startswith(PUBLIC):
        yield "a canary for who may see nothing"
    if not served:
        if answer.status_code != 405:
            yield "not 405"
        return
    if access is Access.KEY and (asker.name in ("nobody", "owner") or aim.slug != "atelier"):
        if answer.status_code != 401:
            yield "not 401"
    elif access is Access.MEMBER and asker.name in ("nobody", "key"):
        if answer.status_code not in (303, 403):
            yield "neither to the sign-in nor refused"
    elif access in (Access.MEMBER, Access.KEY) and asker.name in ("owner", "key"):
        elsewhere = aim.slug != "atelier" or ("{id}" in path or "{code}" in path) and aim.name != "own"
        if elsewhere and answer.status_code != 404:
            yield "not 404"
        if aim.name == "own" and not answer.is_success and answer.status_code not in (303, 404, 409, 422):
            yield "refused to its own brand"


def _told_apart(site: Furnished, answers: dict[str, httpx.Response], what: str) -> Iterator[str]:
    """An answer for what is another brand's must be the one for what does not exist."""
    for foreign, random in (("foreign id", "random id"), ("foreign brand", "random brand")):
        one, other = answers[foreign], answers[random]
        # What was done or shown rightly is the asker's own, and may have grown meanwhile.
        same = one.status_code == other.status_code and (one.is_success or _neutral(site, one) == _neutral(site, other))
        if not same:
            yield f"{what}: {foreign} ({one.status_code}) can be told from {random} ({other.status_code})"


def _neutral(site: Furnished, answer: httpx.Response) -> str:
    """The answer without what was asked for, ids made for it, and random texts."""
    text = answer.text + answer.headers.get("location", "")
    for things in (site.theirs, site.mine):
        for said in (
            things.code,
            things.lead,
            things.lead_source,
            things.delivery,
            things.prefix,
            things.owner,
            things.canary,
        ):
            text = text.replace(said, "…")
    text = re.sub(r"nobodys22|nobodys|cpk_nobodys0|brands/\w+|https://\w+\.example/|cpk_[\w-]+", "…", text)
    text = re.sub(
        rf"{RANDOM}|nobody-here|\b[0-9a-hjkmnp-z]{{10}}\b|\b[0-9a-hjkmnp-z]{{26}}\b|value=\"[0-9a-f]{{64}}\"", "…", text
    )
    return re.sub(r"\b\d+\b", "0", text)


if __name__ == "__main__":
    with furnished(Path(tempfile.mkdtemp())) as _site:
        _found = sweep(_site)
    print(json.dumps(vars(_found), indent=2))
    sys.exit(bool(_found.troubles))
