"""Persons who ask to be forgotten: their hashes go everywhere, and stay away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crosspost.commands.blanking import erase_from_reports
from crosspost.commands.purge import FileDone
from crosspost.commands.rewriting import rewrite_backups
from crosspost.domain.errors import BadInput
from crosspost.domain.person import person_hash
from crosspost.domain.reactor import handle_hash, mark_of, told_handle
from crosspost.domain.telling import plain
from crosspost.secret import Secret
from crosspost.store import erasing, reactors, visits
from crosspost.store.store import Store

_SHORTEST = 3  # letters of a name: a shorter one is a word of many sentences


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows knew the person, and what became of the backups and reports that did."""

    rows: int
    files: tuple[FileDone, ...]


def erase_person(
    store: Store, brand_id: str, now: datetime, key: Secret, *, handles: Sequence[str] = (), mails: Sequence[str] = (),
    names: Sequence[str] = (), click_ids: Sequence[str] = (),
) -> Erased:  # fmt: skip
    """Delete every hash of these names on networks and addresses, and the click ids that are theirs, in the database
    and in the backups that are known; with them what was written of that person: the client's name, notes, answers,
    and who names one of `names`. Reports and audits that name them are written again.

    Where the network's id ties a name to others, those go too. A mark by which they are recognised stays, so that
    reading a post again does not bring them back. Raises BadInput.
    """
    if not handles and not mails and not names and not click_ids:
        raise BadInput(
            "who is to be erased?", remedy="--handle mastodon:@ana@mastodon.example, --mail, --name or --click-id"
        )
    if any(len(plain(one)) < _SHORTEST for one in names):
        raise BadInput("a name of fewer than three letters is in too many words", remedy="give the whole name")
    persons, clicks = set(hashes(key, handles=handles, mails=mails)), frozenset(click_ids)
    words = {*mails, *names}

    def erase(inside: Store) -> int:
        with inside.write(brand_id) as scope:
            persons.update(reactors.kin(scope, persons))
            words.update(one for one in erasing.names_of(scope, persons) if len(plain(one)) >= _SHORTEST)
            written = erasing.erase_words(scope, persons, words)
            marks = [mark_of(one, key.reveal().encode()) for one in persons]
            clicked = visits.click_ids_of(scope, persons)  # before the leads forget whose they are
            return (
                written
                + visits.forget_click_ids(scope, {*clicks, *clicked})
                + reactors.erase(scope, persons, marks, now)
            )

    rows = erase(store)
    files = rewrite_backups(store, _ignoring(erase, brand_id))
    rows += erase(store)  # an older backup may have known another name
    called = {told_handle(one)[1] for one in handles}
    named = {*words, *(one for one in called if len(plain(one)) >= _SHORTEST)}
    return Erased(rows, (*files, *erase_from_reports(store, brand_id, named, now)))


def _ignoring(erase: Callable[[Store], int], brand_id: str) -> Callable[[Store], None]:
    def inside(store: Store) -> None:
        if any(one.id == brand_id for one in store.brands()):  # an older backup may not know the brand
            erase(store)

    return inside


def hashes(key: Secret, *, handles: Sequence[str] = (), mails: Sequence[str] = ()) -> list[str]:
    """The hashes of names on networks (`network:@name`) and of mail addresses. Raises BadInput."""
    secret = key.reveal().encode()
    found = [handle_hash(*told_handle(one), secret) for one in handles]
    for mail in mails:
        try:
            found.append(person_hash(mail, secret))
        except ValueError as error:
            raise BadInput(str(error), remedy="such as ana@example.org") from None
    return found
