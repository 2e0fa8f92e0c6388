"""Open a figure of an audit down to rows, each to its file and line, to a click with its rule, or to who told it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crosspost.audit.explaining import OPENED, Figure, Number, Part, figures
from crosspost.audit.ledger import Ledger
from crosspost.audit.results import Audit
from crosspost.commands import visited as visits_of
from crosspost.commands.askings import askings
from crosspost.commands.coverage import told_by
from crosspost.commands.ledger_posts import declared
from crosspost.domain.brand import Brand
from crosspost.domain.common import common, latest
from crosspost.domain.errors import NotFound
from crosspost.domain.traffic import Judgement
from crosspost.store import business, efforts, files, links, posts, traffic, visits
from crosspost.store.business import StoredDeal, StoredLead
from crosspost.store.outcomes import Origin
from crosspost.store.posts import StoredReading
from crosspost.store.store import Scope, Store
from crosspost.store.tallies import StoredTally


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is recorded of a row: `id` as its source calls it, who told it, and where it stands in a file, if it does.

    Of a hit or a visit, what it is held to be, by which rule of which set.
    """

    what: str
    id: str
    told_by: str
    at: datetime | date | None = None
    file: str | None = None
    sha256: str | None = None
    line: int | None = None
    part: str | None = None
    judgement: str | None = None
    rule: str | None = None
    ruleset: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row behind a figure, what it adds, and the evidence for it."""

    adds: Number
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    figure: Figure
    rows: tuple[Line, ...]

    @property
    def total(self) -> Number:
        return sum((row.adds for row in self.rows), start=0)

    def as_dict(self) -> dict[str, Any]:
        figure = self.figure
        return {
            "figure": figure.name, "value": _plain(figure.value), "unit": figure.unit, "help": figure.help,
            "computed_from": list(figure.of), "total": None if figure.of else _plain(self.total),
            "rows": [
                {"adds": _plain(row.adds), "evidence": [_evidence(one) for one in row.evidence]} for row in self.rows
            ],
        }  # fmt: skip


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else float(f"{value:.10g}") if isinstance(value, float) else value


def _evidence(one: Evidence) -> dict[str, object]:
    fields = {name: getattr(one, name) for name in Evidence.__dataclass_fields__}
    fields["at"] = None if one.at is None else one.at.isoformat()
    return {name: value for name, value in fields.items() if value is not None}


def explain(store: Store, brand: Brand, ledger: Ledger, audit: Audit, name: str) -> Explained:
    """The rows behind the figure of that name, which come to it. Raises NotFound.

    `ledger` is what the audit was made from, of the same store as it is now.
    """
    known = figures(ledger, audit)
    if name not in known:
        from difflib import get_close_matches

        near = get_close_matches(name, known, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"see --list; tables that open: {', '.join(OPENED)}"
        raise NotFound(f"no figure is called {name!r}", remedy=remedy)
    [found] = opened(store, brand, ledger, [known[name]])
    return found


def opened(store: Store, brand: Brand, ledger: Ledger, chosen: Sequence[Figure]) -> list[Explained]:
    """The rows behind each of these figures of the ledger's audit."""
    with store.read(brand.id) as scope:
        opener = _Opener(scope, ledger)
        return [Explained(one, tuple(line for part in one.parts for line in opener.lines(part))) for one in chosen]


class _Opener:
    """Opens parts of a figure, of one brand; what several parts need is read once."""

    def __init__(self, scope: Scope, ledger: Ledger) -> None:
        self._scope, self._ledger = scope, ledger
        self._names = {one.sha256: one.name for one in files.all_of(scope)}
        self._read: dict[Callable[[], Any], Any] = {}

    def lines(self, part: Part) -> Iterator[Line]:
        """The rows that a part stands for; together they add what it adds."""
        if part.kind in ("hits", "possible hits"):
            yield from self._hits(part.key, possible=part.kind == "possible hits")
        elif "visits" in part.kind:
            yield from self._visits(part)
        else:
            evidence = {
                "lead": self._lead, "post": self._post, "reading": self._reading, "hours": self._effort,
            }[part.kind](part.key)  # fmt: skip
            yield Line(part.adds, evidence)

    def _evidence(
        self, what: str, id_: str, source: str, origin: Origin | None, at: datetime | date | None
    ) -> Evidence:
        found = Evidence(what, id_, told_by(source, origin), at)
        if origin is None:
            return found
        return replace(
            found, file=self._names.get(origin.sha256), sha256=origin.sha256, line=origin.line, part=origin.part
        )

    def _lead(self, key: str) -> tuple[Evidence, ...]:
        leads, deals = self._once(self._askings)[key]
        return (
            *(self._evidence("lead", one.lead.source_id, one.lead.source, one.origin, one.lead.contacted_at)
              for one in leads),
            *(self._evidence("deal", one.deal.source_id, one.deal.source, one.origin, one.deal.won_at)
              for one in deals),
        )  # fmt: skip

    def _askings(self) -> dict[str, tuple[Sequence[StoredLead], Sequence[StoredDeal]]]:
        """By the id that a row of the ledger has: an asking's leads with its first deal, or a deal alone."""
        found, rest = askings(business.leads(self._scope), business.deals(self._scope))
        opened: dict[str, tuple[Sequence[StoredLead], Sequence[StoredDeal]]] = {}
        for one in found:
            opened[one.lead.id] = one.leads, one.deals[:1]
            opened.update({deal.id: ((), (deal,)) for deal in one.deals[1:]})
        opened.update({deal.id: ((), (deal,)) for deal in rest})
        return opened

    def _post(self, key: str) -> tuple[Evidence, ...]:
        """A post, and the reading or file by which it is known."""
        post = self._once(self._posts)[key]
        told = next(iter(self._once(self._readings).get(key, {}).values()), None)
        source = "our delivery" if post.delivery_id else told.origin if told else "hand"
        return (self._evidence("post", post.post.url or post.post.remote_id, source, told.file if told else None,
                               post.post.published_at),)  # fmt: skip

    def _reading(self, key: str) -> tuple[Evidence, ...]:
        post_id, _, metric = key.partition("/")
        post = self._once(self._posts)[post_id]
        told = self._once(self._readings)[post_id][metric]
        name = f"{post.post.url or post.post.remote_id} {told.reading.provider_name}"
        return (self._evidence("reading", name, told.origin, told.file, told.reading.read_at),)

    def _posts(self) -> dict[str, posts.StoredPost]:
        return {one.id: one for one in posts.posts(self._scope)}

    def _readings(self) -> dict[str, dict[str, StoredReading]]:
        """The reading that each post's number is, by our id and the common name: chosen as the ledger chooses it."""
        networks = {one.id: one.network for one in self._once(self._posts).values()}
        stored = [one for one in posts.readings(self._scope) if one.post_id in networks]
        of = {id(one.reading): one for one in stored}
        known = latest(
            (one.post_id or "", common(network, declared(network), "post", one.reading))
            for one in stored
            for network in [networks[one.post_id or ""]]
        )
        return {post: {name: of[id(one.reading)] for name, one in mine.items()} for post, mine in known.items()}

    def _effort(self, key: str) -> tuple[Evidence, ...]:
        one = self._once(self._efforts)[key]
        return (self._evidence("hours", one.source_id, one.source, one.origin, one.effort.start),)

    def _efforts(self) -> dict[str, efforts.StoredEffort]:
        return {one.id: one for one in efforts.stored(self._scope)}

    def _hits(self, code: str, *, possible: bool) -> Iterator[Line]:
        """Each hit of a link with its rule; of days whose hits are gone, their count."""
        judged = {Judgement.PERSON, Judgement.UNSURE} if possible else {Judgement.PERSON}
        left = Counter({
            (one.day, one.judgement): one.hits
            for one in traffic.counts(self._scope, self._ledger.period)
            if one.code == code and one.judgement in judged
        })  # fmt: skip
        for hit in self._once(self._hits_by_code).get(code, ()):
            judgement, at = Judgement(hit["judgement"]), hit["at"]
            if judgement in judged:
                left[at.date(), judgement] -= 1
                name = f"{hit['segment']}:{hit['offset']}"
                yield Line(1, (Evidence("hit", name, "our links", at, judgement=judgement, rule=hit["rule"],
                                        ruleset=hit["ruleset"]),))  # fmt: skip
        for (day, judgement), number in sorted(left.items()):
            if number:
                yield Line(number, (Evidence("hits of a day, which are kept as their count", code, "our links", day,
                                             judgement=judgement),))  # fmt: skip

    def _hits_by_code(self) -> dict[str, list[Mapping[str, Any]]]:
        found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for hit in traffic.rows(self._scope, self._ledger.period):
            found[str(hit["code"])].append(hit)
        return found

    def _visits(self, part: Part) -> Iterator[Line]:
        network, _, code = part.key.partition("/")
        named = {one.code for one in self._ledger.links if one.article is not None}
        rest = part.kind == "visits without an article"
        kept = self._once(self._kept_visits)
        for of, by, told in self._once(self._visited).counted:
            adds = visits_of.added(told, possible=part.kind == "possible visits")
            if of != network or not adds or (code and by != code) or (rest and by in named):
                continue
            if isinstance(told, StoredTally):
                tally = told.tally
                name = f"{tally.tool} {tally.metric} by {tally.by}"
                yield Line(adds, (self._evidence("tally", name, tally.tool, told.origin, tally.start),))
                continue
            for one in kept.get((told.day, network, by, told.judgement.value), ()):
                adds -= 1
                yield Line(1, (Evidence("visit", one.id, "our script", one.started_at, judgement=one.judgement,
                                        rule=one.rule, ruleset=one.ruleset),))  # fmt: skip
            if adds:
                what = "visits of a day, which are kept as their count"
                yield Line(adds, (Evidence(what, by or network, "our script", told.day, judgement=told.judgement),))

    def _visited(self) -> visits_of.Visited:
        return visits_of.visited(self._scope, self._ledger.period, ())

    def _kept_visits(self) -> dict[tuple[date, str, str | None, str], list[visits.StoredVisit]]:
        """Visits by day, network, our code and judgement."""
        of_code = links.networks(self._scope)
        found: dict[tuple[date, str, str | None, str], list[visits.StoredVisit]] = defaultdict(list)
        for one in visits.kept(self._scope, self._ledger.period):
            code = one.code if one.code in of_code else None
            found[one.started_at.date(), of_code.get(one.code) or one.network, code, one.judgement].append(one)
        return found

    def _once(self, read: Callable[[], Any]) -> Any:
        if read not in self._read:
            self._read[read] = read()
        return self._read[read]
