"""Who asked, without their name; how they came; and what is left out of an import and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from crosspost.domain.business import Lead, check_lead
from crosspost.domain.money import Money
from crosspost.domain.stage import Reached, Stage
from crosspost.domain.telling import channel_told
from crosspost.imports.shape import Context, Row, fold
from crosspost.imports.wording import network_in

_SHOWN = 10  # names told in one note


class Left:
    """Rows that did not become what one might expect, by why: each reason is one note with its number."""

    def __init__(self) -> None:
        self._why: Counter[str] = Counter()
        self._lists: list[str] = []

    def out(self, why: str, many: int = 1) -> None:
        if many:
            self._why[why] += many

    def currency(self, rows: Sequence[Row], name: str, context: Context) -> None:
        """Amounts in the column `name` of a file without one for their currency are in the brand's, unless signed."""
        if rows and rows[0].has(name) and not rows[0].has("currency"):
            self._lists.append(
                f"the file has no column of currencies: amounts without a sign are in {context.currency}"
            )

    def list(self, what: str, names: Iterable[str]) -> None:
        """Values that are in no list here, each once: so that the owner can add them."""
        found = Counter(names)
        if found:
            told = ", ".join(f"{name[:60]!r} ({count})" for name, count in found.most_common(_SHOWN))
            more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            self._lists.append(f"{what}: {told}{more}")

    def notes(self) -> tuple[str, ...]:
        return (*(f"{why} ({count})" for why, count in self._why.items()), *self._lists)


def person(row: Row, context: Context, mail: str | None) -> str | None:
    """The keyed hash of a mail address; None where there is none, or it is no address, or the person was erased."""
    if not is_mail(mail) or mail is None or context.person is None:
        return None
    with row.telling():
        return context.person(mail)


def is_mail(text: str | None) -> bool:
    """Whether a cell names a person: then nothing else in its place does, also where that person was erased."""
    return text is not None and "@" in text


def reached(meaning: str | None, at: datetime | None, amount: Money | None = None) -> Reached | None:
    """The stage that an open lead stands at, where its day is known; an amount is of an offer."""
    if at is None or meaning not in ("talking", "offered"):
        return None
    stage = Stage(meaning)
    return Reached(stage, at, amount if stage is Stage.OFFERED else None)


def asking(
    row: Row, context: Context, source: str, name: str, at: datetime, *, person: str | None, told: str | None = None
) -> Lead:
    """A lead whose row holds what a tagged link left: `content`, `campaign`, `utm_source`, or a code in metadata.

    The channel recorded is the link's source. Raises BadInput for a lead that cannot be.
    """
    code = context.code(content=row.get("content")) or context.code(campaign=row.get("campaign"))
    code = code or context.code(content=row.get("reference")) or context.code(content=row.get("code"))
    if code is None and context.codes:
        kept = (said for header, said in row.others() if fold(header).endswith("metadata"))
        code = next((found for said in kept if (found := context.code(content=said))), None)
    channel = network_in(row.get("utm_source")) or context.words.channel(row.get("utm_source"))
    lead = Lead(
        source, name, at, channel=channel, told=told,
        told_channel=channel_told(told, context.rules), code=code, person=person,
    )  # fmt: skip
    with row.telling():
        check_lead(lead, context.now)
    return lead
