"""The web application: short links in front; pages, the HTTP API and what needs no login behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from crosspost.clock import Clock
from crosspost.commands.choices import NONE, Choices
from crosspost.commands.passwords import Passwords
from crosspost.commands.signing import Signing
from crosspost.domain.telling import SHIPPED, Rules
from crosspost.hitlog.writer import HitWriter
from crosspost.secret import Secret
from crosspost.store.attachments import Attachments
from crosspost.store.store import Store
from crosspost.web import health
from crosspost.web.addresses import Addresses
from crosspost.web.answers import http_error, unexpected
from crosspost.web.audits import Audits
from crosspost.web.background import Background
from crosspost.web.headers import SafeHeaders
from crosspost.web.origins import Origins
from crosspost.web.redirect import LinkTable, Redirect
from crosspost.web.routes import served
from crosspost.web.site import Site
from crosspost.web.visits import Visits


def build(
    store: Store,
    clock: Clock,
    hits: HitWriter,
    hits_dir: Path,
    secrets_of_brand: Callable[[str], Sequence[Secret]],
    person_key: Callable[[str], Secret | None] = lambda _brand_id: None,
    attachments: Attachments | None = None,
    rules_of: Callable[[str], Rules] = lambda _slug: SHIPPED,
    visits: Visits | None = None,
    *,
    origins: Origins | None = None,
    addresses: Addresses | None = None,
    passwords: Passwords | None = None,
    choices: Choices = NONE,
) -> ASGIApp:
    """The application; its lifespan loads the links and closes `hits`.

    `secrets_of_brand`, `person_key` and `rules_of` as in `Site`; `attachments` are the images that networks fetch
    themselves, and nobody can guess their names; `visits` takes page views; `origins` are where the pages answer, this
    machine's names when not given; `addresses` tell who asks.
    """
    table = LinkTable(store.database)
    facts = Background(lambda: health.gather(store.database, hits_dir), "health")
    site = Site(
        store,
        clock,
        secrets_of_brand,
        person_key,
        attachments,
        origins or Origins(),
        addresses or Addresses(),
        Signing(store, passwords or Passwords()),
        Audits(store, choices),
        rules_of,
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await table.start()
        if visits is not None:
            await visits.start()
        try:
            yield
        finally:
            if visits is not None:
                await visits.stop()
            await table.stop()
            facts.close()
            site.audits.close()
            await hits.close()

    app = Starlette(
        routes=served(site, table, facts, visits),
        lifespan=lifespan,
        exception_handlers={HTTPException: http_error, Exception: unexpected},
    )
    app.router.redirect_slashes = False
    follow = None if visits is None else visits.follow
    return Redirect(SafeHeaders(app), table, hits, clock.now, follow)
