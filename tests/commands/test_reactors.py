"""Who reacted: only where the brand says so, only as keyed hashes, and erased for good."""

from __future__ import annotations

import logging
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crosspost.commands.adoption import adopt
from crosspost.commands.backup import backup
from crosspost.commands.business import add_lead
from crosspost.commands.collect import allowed, collect, hashed
from crosspost.commands.importing import import_files
from crosspost.commands.persons import erase_person, hashes
from crosspost.commands.setup import change_brand
from crosspost.domain.brand import Account
from crosspost.domain.errors import BadInput, Unauthorized
from crosspost.domain.person import person_hash
from crosspost.domain.post import Post
from crosspost.domain.reactor import Reactor, handle_hash, mark_of, told_handle
from crosspost.networks import NETWORKS, network
from crosspost.networks.network import Audience
from crosspost.sandbox.state import SandboxPost
from crosspost.secret import Secret
from crosspost.store import business, posts, reactors
from tests.commands.at_sandbox import BRAND, AtSandbox

KEY = Secret("a key of the brand")
AUDIENCES = {"mastodon": "canary-lou@social.test", "bluesky": "canary-lou.test"}
OTHER = {"mastodon": "canary-kim", "bluesky": "canary-kim.test"}  # on the account's own instance: no host


def switched_on(here: AtSandbox) -> None:
    change_brand(here.store, here.brand, reactors=True)


def posted(here: AtSandbox, name: str) -> tuple[Account, SandboxPost]:
    account = here.account(name)
    post = here.post(account)
    here.sandbox.react(name, post.id, [AUDIENCES[name], OTHER[name]])
    here.sandbox.react(name, post.id, [AUDIENCES[name]], kind="repost")
    adopt(here.store, here.brand, account, here.connector.open, datetime.now(UTC), who="ana", key=lambda: KEY)
    return account, post


def kept(here: AtSandbox) -> int:
    with here.store.read(BRAND) as scope:
        return reactors.count(scope)


def test_only_networks_whose_terms_allow_it_tell_who(here: AtSandbox) -> None:
    assert {name for name in NETWORKS if issubclass(network(name), Audience)} == AUDIENCES.keys()


@pytest.mark.parametrize("name", AUDIENCES)
def test_nobody_is_kept_unless_the_brand_says_so(here: AtSandbox, name: str) -> None:
    posted(here, name)
    assert kept(here) == 0
    switched_on(here)
    report = here.collect(everything=True)
    assert (report.reactions, kept(here)) == (3, 3)
    assert here.collect(everything=True).reactions == 0, "each once"
    change_brand(here.store, here.brand, reactors=False)
    assert kept(here) == 0, "switched off, they are forgotten"


@pytest.mark.parametrize("name", AUDIENCES)
def test_a_list_of_many_pages_is_read_whole(here: AtSandbox, name: str) -> None:
    switched_on(here)
    account = here.account(name)
    post = here.post(account, likes=230)
    adopt(here.store, here.brand, account, here.connector.open, datetime.now(UTC), who="ana", key=lambda: KEY)
    assert kept(here) == 230
    found: Any = here.connector.open(account)
    told = found.reactors(Post(post.id, None))
    assert (len(told.people), told.partial) == (230, None)


@pytest.mark.parametrize("name", AUDIENCES)
def test_no_handle_is_in_the_database_its_journal_or_a_log(
    here: AtSandbox, name: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    switched_on(here)
    posted(here, name)
    add_lead(here.store, BRAND, datetime.now(UTC), lead_id="L1", handles=[f"{name}:@canary-lou"], person_key=KEY)
    here.collect(everything=True)
    assert kept(here) == 3
    here.store.database.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "crosspost.db" for path in files)
    for path in files:
        assert b"canary" not in path.read_bytes(), path
    assert "canary" not in caplog.text
    assert "canary" not in repr(Reactor("like", "canary-lou", "canary-did"))


@pytest.mark.parametrize("name", AUDIENCES)
def test_a_leads_own_name_is_matched(here: AtSandbox, name: str) -> None:
    switched_on(here)
    posted(here, name)
    now = datetime.now(UTC) + timedelta(hours=1)
    known = OTHER[name] if name == "bluesky" else f"{OTHER[name]}@{here.sandbox.origin.partition('://')[2]}"
    for lead, handle in (("L1", AUDIENCES[name].upper()), ("L2", known), ("L3", "somebody.else")):
        add_lead(here.store, BRAND, now, lead_id=lead, handles=[f"{name}:@{handle}"], person_key=KEY)
    with here.store.read(BRAND) as scope:
        found = reactors.of_leads(scope)
        ids = {one.id: one.lead.source_id for one in business.leads(scope)}
    assert {ids[one]: (told.posts, told.before) for one, told in found.items()} == {"L1": (1, 1), "L2": (1, 1)}


def test_a_bluesky_account_is_known_by_its_did_after_a_change_of_handle(here: AtSandbox) -> None:
    switched_on(here)
    account, post = posted(here, "bluesky")
    adapter: Any = here.connector.open(account)
    did = next(one.id for one in adapter.reactors(Post(post.id, None)).people if one.handle == AUDIENCES["bluesky"])
    add_lead(here.store, BRAND, datetime.now(UTC), lead_id="L1", handles=[f"bluesky:{did}"], person_key=KEY)
    with here.store.read(BRAND) as scope:
        assert [one.posts for one in reactors.of_leads(scope).values()] == [1]


@pytest.mark.parametrize("name", AUDIENCES)
def test_an_erased_person_is_nowhere_and_does_not_come_back(here: AtSandbox, name: str, tmp_path: Path) -> None:
    switched_on(here)
    posted(here, name)
    handle = f"{name}:@{AUDIENCES[name]}"
    now = datetime.now(UTC)
    add_lead(here.store, BRAND, now, lead_id="L1", handles=[handle], mail="lou@example.org", person_key=KEY)
    target = tmp_path / "backup.zip"
    (tmp_path / "data").mkdir()
    backup(here.store.database, tmp_path / "data", target, now=now)

    done = erase_person(here.store, BRAND, now, KEY, handles=[handle], mails=["lou@example.org"])
    assert done.rows == 2 + 1 + 1  # a like and a repost, the lead's name, the lead's mail
    assert [(one.kind, one.done) for one in done.files] == [("backup", "rewritten")]
    assert here.collect(everything=True).reactions == 0
    assert kept(here) == 1, "the other person stays"
    here.store.database.close()
    known = hashes(KEY, handles=[handle], mails=["lou@example.org"])
    with zipfile.ZipFile(target) as archive:
        archive.extract("database.sqlite", tmp_path / "seen")
    for path in (tmp_path / "crosspost.db", tmp_path / "seen" / "database.sqlite"):
        for one in known:
            assert one.encode() not in path.read_bytes(), path
    with here.store.read(BRAND) as scope:
        assert [one.lead.person for one in business.leads(scope)] == [None]
    assert erase_person(here.store, BRAND, now, KEY, handles=[handle]).rows == 0


def test_an_erased_person_does_not_come_back_under_another_name(here: AtSandbox) -> None:
    """The network's id ties the names together: what was kept under an older one goes, a later one is not taken in."""
    switched_on(here)
    account, post = posted(here, "bluesky")
    with here.store.read(BRAND) as scope:
        (stored,) = [one.id for one in posts.posts(scope) if one.post.remote_id == post.id]
    names = [hashed([Reactor("like", name, "did:plc:zoe")], "bluesky", KEY) for name in ("zoe.old", "zoe.now")]
    now = datetime.now(UTC)
    with here.store.write(BRAND) as scope:
        for people in names:
            reactors.add(scope, account.id, stored, people, now)
    before = kept(here)
    assert erase_person(here.store, BRAND, now, KEY, handles=["bluesky:@zoe.now"]).rows == 2
    assert kept(here) == before - 2
    with here.store.read(BRAND) as scope:
        marks = reactors.erased_marks(scope)
    later = hashed([Reactor("like", "zoe.next", "did:plc:zoe")], "bluesky", KEY)
    assert allowed(later, marks, lambda: KEY) == []


def test_an_erasure_needs_somebody(here: AtSandbox) -> None:
    with pytest.raises(BadInput, match="who is to be erased"):
        erase_person(here.store, BRAND, datetime.now(UTC), KEY)
    with pytest.raises(BadInput, match="a network and a name"):
        erase_person(here.store, BRAND, datetime.now(UTC), KEY, handles=["@canary"])


def test_what_may_not_be_read_blinds_no_number(here: AtSandbox) -> None:
    switched_on(here)
    account, post = posted(here, "mastodon")
    whole: Any = here.connector.open(account)

    class Refusing:
        def read_post(self, post: Post, at: datetime) -> Any:
            return whole.read_post(post, at)

        def read_account(self, at: datetime) -> Any:
            return whole.read_account(at)

        def reactors(self, post: Post) -> Any:
            raise Unauthorized("outside the authorized scopes", code="403")

    opened: Any = lambda _: Refusing()  # noqa: E731
    found = collect(here.store, here.brand, opened, datetime.now(UTC), key=lambda: KEY, everything=True)
    assert found.readings > 0
    assert "who reacted on mastodon" in found.problems[0]
    assert here.last(account)[post.id, "likes"].reading.value == 2


# A file


def imported(here: AtSandbox, tmp_path: Path, text: str, key: Any = lambda _: KEY) -> Any:
    file = tmp_path / f"reactions-{len(text)}.csv"
    file.write_text(text, "utf-8")
    [found] = import_files(here.store, here.brand, [file], datetime.now(UTC), key=key)
    return found


def test_a_file_of_reactions_is_kept_as_hashes(here: AtSandbox, tmp_path: Path) -> None:
    _, post = posted(here, "mastodon")
    rows = (f"{post.id},mastodon,@canary-zoe@social.test,like", f"{post.url},mastodon,canary-max,repost")
    text = "\n".join(("post,network,handle,kind", *rows)) + "\n"
    refused = imported(here, tmp_path, text)
    assert "brand set --reactors" in refused.refused
    assert "canary" not in refused.refused
    switched_on(here)
    assert imported(here, tmp_path, text).added == 2
    assert imported(here, tmp_path, text).added == 0
    add_lead(here.store, BRAND, datetime.now(UTC), lead_id="Z", handles=["mastodon:canary-zoe@social.test"],
             person_key=KEY)  # fmt: skip
    with here.store.read(BRAND) as scope:
        assert [one.posts for one in reactors.of_leads(scope).values()] == [1]
    here.store.database.close()
    assert b"canary" not in (tmp_path / "crosspost.db").read_bytes()


@pytest.mark.parametrize(("row", "why"), [
    ("nowhere,mastodon,@canary,like", "no post on mastodon"), (",mastodon,@canary,like", "post is empty"),
    ("1,,@canary,like", "on which network"), ("1,mastodon,@,like", "handle is empty"),
    ("1,mastodon,@canary," + "x" * 40, "too long"),
])  # fmt: skip
def test_a_bad_row_is_refused_with_its_line_and_without_the_name(
    here: AtSandbox, tmp_path: Path, row: str, why: str
) -> None:
    switched_on(here)
    found = imported(here, tmp_path, f"post,network,handle,kind\n{row}\n")
    assert why in found.refused
    assert ":2" in found.refused
    assert "canary" not in found.refused


# The hash itself


def test_one_name_gives_one_hash_and_networks_and_brands_differ() -> None:
    key = b"key"
    same = {handle_hash("mastodon", name, key) for name in ("@Ana@x.example", "ana@x.example", " @ana@X.EXAMPLE ")}
    assert len(same) == 1
    others = {
        handle_hash("bluesky", "ana@x.example", key), handle_hash("mastodon", "ana@x.example", b"another"),
        person_hash("ana@x.example", key), mark_of(next(iter(same)), key),
    }  # fmt: skip
    assert len(others | same) == 5
    assert told_handle("Mastodon: @ana@x.example") == ("mastodon", "@ana@x.example")
    for text in ("", "ana", "mastodon:", "mastodon:@", ":@ana"):
        with pytest.raises(BadInput) as caught:
            told_handle(text)
        assert "ana" not in caught.value.message
