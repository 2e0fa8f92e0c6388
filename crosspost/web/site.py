"""What every handler is given: the site's parts, and the call it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from crosspost.clock import Clock
from crosspost.commands.signing import Signing
from crosspost.domain.access import Role
from crosspost.domain.brand import Brand
from crosspost.domain.telling import Rules
from crosspost.secret import Secret
from crosspost.store.attachments import Attachments
from crosspost.store.store import Scope, Store
from crosspost.web.addresses import Addresses
from crosspost.web.audits import Audits
from crosspost.web.origins import Origins


@dataclass(frozen=True, slots=True)
class Site:
    """`secrets_of_brand` gives the live signing secrets of a brand's slug, none for an unknown brand; `person_key`
    the key under which a brand's persons are hashed, by the brand's id. Both may ask the database. `rules_of` gives the
    rules by which a brand's answers are read, by its slug."""

    store: Store
    clock: Clock
    secrets_of_brand: Callable[[str], Sequence[Secret]]
    person_key: Callable[[str], Secret | None]
    attachments: Attachments | None
    origins: Origins
    addresses: Addresses
    signing: Signing
    audits: Audits
    rules_of: Callable[[str], Rules]


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the pages or the API for a brand, by somebody who may make it. `who` is written into the record
    of events; `csrf` goes into the page's forms."""

    site: Site
    brand: Brand
    now: datetime
    who: str
    role: Role
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    csrf: str = ""
    error: str = ""  # why the form was not taken; it is shown again with what it held
    source: str = "page"  # where a lead or deal recorded by this call comes from

    @property
    def store(self) -> Store:
        return self.site.store

    @property
    def person_key(self) -> Secret | None:
        return self.site.person_key(self.brand.id)

    @contextmanager
    def read(self) -> Iterator[Scope]:
        with self.store.read(self.brand.id) as scope:
            yield scope

    @contextmanager
    def write(self) -> Iterator[Scope]:
        with self.store.write(self.brand.id) as scope:
            yield scope
