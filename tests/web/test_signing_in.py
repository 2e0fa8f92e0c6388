"""Signing in, and what keeps strangers from it: waits, cookies, forms, hosts."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import sleep
from typing import Literal

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.requests import Request

from crosspost.commands.passwords import AT_ONCE, WAITING, Passwords
from crosspost.commands.signing import Refused, SignedIn, Signing, csrf_of
from crosspost.commands.users import add_user, set_password
from crosspost.domain.access import (
    ABSOLUTE,
    FORGOTTEN,
    FREE_FAILURES,
    IDLE,
    LONGEST_WAIT_S,
    Role,
    check_password,
    user_name,
)
from crosspost.domain.errors import BadInput, Conflict, Unavailable
from crosspost.secret import Secret
from crosspost.store import brands, users
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.web.addresses import Addresses, subscriber
from crosspost.web.origins import Origins
from tests.blank import BRAND, NOW, settled
from tests.store.conftest import database  # noqa: F401
from tests.web.furnished import CHEAP, FORM, PASSWORD, Furnished, furnished

RIGHT, WRONG = Secret(PASSWORD), Secret("not the password at all")


@pytest.fixture
def store(database: Database) -> Store:  # noqa: F811
    made = settled(database)
    add_user(made, made.brand("atelier"), NOW, "Léa".replace("é", "e"), Role.OWNER, RIGHT, CHEAP, who="test")
    return made


@pytest.fixture
def signing(store: Store) -> Signing:
    return Signing(store, CHEAP)


def token_of(done: SignedIn | Refused) -> str:
    assert isinstance(done, SignedIn)
    return done.token.reveal()


def test_the_right_password_begins_a_session_and_its_cookie_is_not_in_the_database(
    store: Store, signing: Signing
) -> None:
    token = token_of(signing.sign_in(" LEA ", RIGHT, NOW, address="1.2.3.4"))
    found = signing.session(token, NOW)
    assert found is not None
    assert (found.user.name, found.csrf) == ("lea", csrf_of(token))
    with store.database.read() as connection:
        dump = str(connection.exec_driver_sql("SELECT * FROM user_session").all())
        password = str(connection.exec_driver_sql('SELECT password_hash FROM "user"').scalar_one())
    assert token not in dump
    assert PASSWORD not in password
    assert password.startswith("$argon2id$")


def test_a_session_ends_when_it_is_idle_and_after_a_week_whatever_is_done(signing: Signing) -> None:
    idle = token_of(signing.sign_in("lea", RIGHT, NOW, address=None))
    assert signing.session(idle, NOW + IDLE - timedelta(seconds=1)) is not None
    assert signing.session(idle, NOW + 2 * IDLE) is None
    busy, at = token_of(signing.sign_in("lea", RIGHT, NOW, address=None)), NOW
    while at < NOW + ABSOLUTE - timedelta(hours=6):
        at += timedelta(hours=6)
        assert signing.session(busy, at) is not None, at
    assert signing.session(busy, NOW + ABSOLUTE) is None
    assert signing.session(busy, NOW) is None, "what ended is gone"


def test_a_new_password_ends_every_session(store: Store, signing: Signing) -> None:
    tokens = [token_of(signing.sign_in("lea", RIGHT, NOW, address=None)) for _ in range(3)]
    assert set_password(store, NOW, "lea", Secret("quite another sentence"), CHEAP) == 3
    assert [signing.session(one, NOW) for one in tokens] == [None] * 3
    assert isinstance(signing.sign_in("lea", RIGHT, NOW, address=None), Refused)
    assert isinstance(signing.sign_in("lea", Secret("quite another sentence"), NOW, address=None), SignedIn)


def test_a_password_changed_while_it_is_looked_at_begins_nothing(
    store: Store, signing: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = signing.passwords.right

    def changed_meanwhile(stored: str | None, given: Secret) -> bool:
        set_password(store, NOW, "lea", Secret("quite another sentence"), CHEAP)
        return right(stored, given)

    monkeypatch.setattr(signing.passwords, "right", changed_meanwhile)
    assert isinstance(signing.sign_in("lea", RIGHT, NOW, address=None), Refused)


@pytest.mark.parametrize("name", ["lea", "nobody", "", "no name at all", "\x00"])
def test_guessing_waits_longer_each_time_and_a_name_nobody_has_is_treated_the_same(signing: Signing, name: str) -> None:
    waits, now = [], NOW
    for _ in range(FREE_FAILURES + 9):
        done = signing.sign_in(name, WRONG, now, address=None)
        assert isinstance(done, Refused)
        waits.append(done.wait_s)
        if done.wait_s:
            now += timedelta(seconds=done.wait_s)
            done = signing.sign_in(name, WRONG, now, address=None)
            assert isinstance(done, Refused)
            assert done.wait_s == 0
    assert waits == [0.0] * FREE_FAILURES + [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    assert max(waits) == LONGEST_WAIT_S


def test_during_the_wait_the_right_password_is_not_looked_at(signing: Signing) -> None:
    for _ in range(FREE_FAILURES):
        signing.sign_in("lea", WRONG, NOW, address=None)
    refused = signing.sign_in("lea", RIGHT, NOW, address=None)
    assert isinstance(refused, Refused)
    assert refused.wait_s == 1.0
    assert isinstance(signing.sign_in("lea", RIGHT, NOW + timedelta(seconds=1), address=None), SignedIn)
    assert signing.sign_in("lea", WRONG, NOW + timedelta(seconds=2), address=None) == signing.sign_in(
        "lea", WRONG, NOW + timedelta(seconds=2), address=None
    ), "the count began again"


def test_tries_at_the_same_time_gain_nothing(signing: Signing) -> None:
    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(lambda _: signing.sign_in("lea", WRONG, NOW, address=None), range(48)))
    looked_at = [one for one in done if isinstance(one, Refused) and not one.wait_s]
    assert len(looked_at) == FREE_FAILURES


def test_others_guesses_do_not_hold_up_a_browser_that_signed_in_before(signing: Signing) -> None:
    first = signing.sign_in("lea", RIGHT, NOW, address="1.2.3.4")
    assert isinstance(first, SignedIn)
    for number in range(60):
        signing.sign_in("lea", WRONG, NOW, address=f"6.6.6.{number}")
    known = first.known.reveal()
    assert isinstance(signing.sign_in("lea", RIGHT, NOW, address="1.2.3.4", known=known), SignedIn)
    stranger = signing.sign_in("lea", RIGHT, NOW, address="1.2.3.5", known=known[:-1] + "x")
    assert isinstance(stranger, Refused)
    assert stranger.wait_s > 0
    for _ in range(FREE_FAILURES):
        signing.sign_in("lea", WRONG, NOW, address=None, known=known)
    stolen = signing.sign_in("lea", RIGHT, NOW, address=None, known=known)
    assert isinstance(stolen, Refused), "the mark opens nothing, and has its own count"


def test_one_address_that_tries_many_names_waits_too(signing: Signing) -> None:
    done = [signing.sign_in(f"name{number}", WRONG, NOW, address="6.6.6.6") for number in range(40)]
    assert [isinstance(one, Refused) and one.wait_s > 0 for one in done] == [False] * 20 + [True] * 20
    other = signing.sign_in("name1", WRONG, NOW, address="7.7.7.7")
    assert isinstance(other, Refused)
    assert other.wait_s == 0


def test_a_day_after_the_last_failure_the_count_begins_again(store: Store, signing: Signing) -> None:
    for _ in range(FREE_FAILURES + 1):
        done = signing.sign_in("lea", WRONG, NOW, address="6.6.6.6")
        if isinstance(done, Refused) and done.failed is not None:
            signing.store_failure(done.failed, NOW)
    tomorrow = NOW + FORGOTTEN
    for at in (signing, Signing(store, CHEAP)):
        done = at.sign_in("lea", WRONG, tomorrow, address="6.6.6.6")
        assert isinstance(done, Refused)
        assert done.failed is not None
        at.store_failure(done.failed, tomorrow)
        again = at.sign_in("lea", WRONG, tomorrow, address="6.6.6.6")
        assert isinstance(again, Refused)
        assert again.wait_s == 0, "one failure is free, whatever was before"


def test_a_restart_forgets_no_failure_of_a_user(store: Store, signing: Signing) -> None:
    for _ in range(FREE_FAILURES + 1):
        done = signing.sign_in("lea", WRONG, NOW, address=None)
        assert isinstance(done, Refused)
        if done.failed is not None:
            signing.store_failure(done.failed, NOW)
    again = Signing(store, CHEAP).sign_in("lea", RIGHT, NOW, address=None)
    assert isinstance(again, Refused)
    assert again.wait_s > 0


def test_an_unknown_name_costs_a_whole_check(store: Store) -> None:
    given: list[str] = []

    class Noted(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            given.append(str(hash))
            return super().verify(hash, password)

    signing = Signing(store, Passwords(Noted(time_cost=1, memory_cost=64, parallelism=1)))
    signing.sign_in("nobody", WRONG, NOW, address=None)
    signing.sign_in("lea", WRONG, NOW, address=None)
    work = [one.rpartition("$")[0].rpartition("$")[0] for one in given]
    assert work == ["$argon2id$v=19$m=64,t=1,p=1"] * 2


def test_a_crowd_at_the_sign_in_is_told_to_come_again() -> None:
    going = Event()

    class Slow(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            going.wait(20)
            return super().verify(hash, password)

    passwords = Passwords(Slow(time_cost=1, memory_cost=64, parallelism=1))
    with ThreadPoolExecutor(AT_ONCE + WAITING) as pool:
        waiting = [pool.submit(passwords.right, None, WRONG) for _ in range(AT_ONCE + WAITING)]
        while passwords._places.acquire(blocking=False):  # until all of them have a place
            passwords._places.release()
            sleep(0.01)
        with pytest.raises(Unavailable):
            passwords.hash(WRONG)
        going.set()
    assert [one.result() for one in waiting] == [False] * len(waiting)


def test_a_hash_made_with_older_parameters_is_made_again_at_the_next_sign_in(store: Store) -> None:
    harder = Signing(store, Passwords(PasswordHasher(time_cost=2, memory_cost=128, parallelism=1)))
    first = harder.sign_in("lea", RIGHT, NOW, address=None)
    assert isinstance(first, SignedIn)
    with store.database.read() as connection:
        found = users.by_name(connection, "lea")
    assert found is not None
    assert "m=128,t=2" in found[1]
    again = harder.sign_in("lea", RIGHT, NOW, address=None, known=first.known.reveal())
    assert isinstance(again, SignedIn)


@pytest.mark.parametrize("password", ["short", "x" * 1025, "aaaaaaaaaaaaaaaaaaaa", "atelier-lea1", "12341234123412"])
def test_poor_passwords_are_refused(password: str) -> None:
    with pytest.raises(BadInput):
        check_password("atelier-lea", password)


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "<b>", "a" * 65, "é", "a\x00"])
def test_strange_names_are_refused(name: str) -> None:
    with pytest.raises(BadInput):
        user_name(name)


def test_a_known_user_keeps_their_password_when_let_into_another_brand(store: Store) -> None:
    other = store.brand("other")
    with pytest.raises(Conflict):
        add_user(store, other, NOW, "lea", Role.READER, Secret("somebody else's words"), CHEAP, who="test")
    assert not add_user(store, other, NOW, "lea", Role.READER, None, CHEAP, who="test").new


def test_one_name_given_twice_at_once_is_one_user_and_a_sentence(store: Store) -> None:
    def add(number: int) -> str:
        try:
            add_user(store, store.brand("atelier"), NOW, "zoe", Role.READER, Secret(PASSWORD), CHEAP, who=str(number))
        except Conflict:
            return "taken"
        return "added"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(add, range(8))) == ["added"] + ["taken"] * 7


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """One for all: nothing here takes anything away that others need."""
    with furnished(tmp_path_factory.mktemp("signing-in")) as made:
        yield made


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Furnished]:
    with furnished(tmp_path) as made:
        yield made


def form_of(site: Furnished) -> tuple[str, str]:
    """The cookie and the token of a fresh sign-in form."""
    answer = httpx.get(f"{site.client.base_url}/sign-in")
    found = re.search(r'name="csrf" value="(\w+)"', answer.text)
    assert found is not None
    return answer.cookies["crosspost"], found[1]


def sign_in(site: Furnished, *, password: str = PASSWORD, **headers: str) -> httpx.Response:
    cookie, csrf = form_of(site)
    return httpx.post(
        f"{site.client.base_url}/sign-in",
        data={"name": site.mine.owner, "password": password, "csrf": csrf, "to": "/brands/atelier/leads"},
        headers={"Cookie": f"crosspost={cookie}"} | headers,
    )


def test_the_cookie_is_new_at_sign_in_hidden_from_scripts_and_stays_on_this_site(site: Furnished) -> None:
    before, _ = form_of(site)
    answer = sign_in(site)
    assert (answer.status_code, answer.headers["location"]) == (303, "/brands/atelier/leads")
    assert answer.cookies["crosspost"] != before
    for cookie in answer.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
    assert "Secure" not in answer.headers["set-cookie"], "over plain HTTP on this machine"
    assert site.client.get("/brands/atelier", headers={"Cookie": f"crosspost={before}"}).status_code == 303


def test_behind_tls_the_cookie_is_bound_to_the_host(tmp_path: Path) -> None:
    with furnished(tmp_path, Origins(["https://desk.example"])) as site:
        with site.store.database.write() as connection:
            brands.change(connection, BRAND, public_url="https://go.example")
        for host in ("desk.example", "go.example", "DESK.example:443"):
            cookie = site.client.get("/sign-in", headers={"Host": host}).headers["set-cookie"]
            assert cookie.startswith("__Host-crosspost=")
            assert "Secure" in cookie


def test_signing_out_ends_the_session_on_the_server(site: Furnished) -> None:
    token = site.session(site.mine.owner)
    assert site.client.get("/brands/atelier", headers={"Cookie": f"crosspost={token}"}).status_code == 200
    out = site.client.post("/sign-out", data={"csrf": csrf_of(token)}, headers={"Cookie": f"crosspost={token}"})
    assert out.headers["location"] == "/sign-in"
    assert site.client.get("/brands/atelier", headers={"Cookie": f"crosspost={token}"}).status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
def test_a_form_from_elsewhere_is_refused(site: Furnished, headers: dict[str, str], status: int) -> None:
    assert sign_in(site, **headers).status_code == status
    token = site.session(site.mine.owner)
    given = {"Cookie": f"crosspost={token}"} | headers
    data = {"csrf": csrf_of(token), "target": "https://blog.example/x"}
    assert site.client.post("/brands/atelier/links", data=data, headers=given).status_code == status


def test_a_form_without_its_token_or_with_another_sessions_is_refused(site: Furnished) -> None:
    token, other = site.session(site.mine.owner), site.session(site.theirs.owner)
    before = site.rows(BRAND)
    for csrf in ("", "0" * 64, csrf_of(other), csrf_of(token)[:-1], "é"):
        answer = site.client.post(
            "/brands/atelier/links",
            data={"csrf": csrf, "target": "https://blog.example/x"},
            headers={"Cookie": f"crosspost={token}"},
        )
        assert answer.status_code == 403
    assert site.rows(BRAND) == before


@pytest.mark.parametrize(
    "to",
    ["https://evil.example", "//evil.example", "/brands//evil.example", "/brands/../x", "javascript:alert(1)", "/x"],
)
def test_nobody_is_sent_elsewhere_after_the_sign_in(site: Furnished, to: str) -> None:
    cookie, csrf = form_of(site)
    data = {"name": site.mine.owner, "password": PASSWORD, "csrf": csrf, "to": to}
    answer = httpx.post(f"{site.client.base_url}/sign-in", data=data, headers={"Cookie": f"crosspost={cookie}"})
    assert answer.headers["location"] == "/brands"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example:80", ""]
)
@pytest.mark.parametrize(
    "path", ["/brands", "/sign-in", "/brands/atelier", "/api/openapi.json", "/api/v1/brands/atelier/links"]
)
def test_a_strangers_host_name_reaches_nothing_of_ours(site: Furnished, host: str, path: str) -> None:
    """A name made to lead to this machine: the browser would send its cookies for that name, and read the answers."""
    answer = site.client.get(path, headers={"Host": host, "Authorization": f"Bearer {site.mine.key.reveal()}"})
    assert answer.status_code in (400, 421)
    assert "set-cookie" not in answer.headers
    assert site.mine.canary not in answer.text


def test_links_and_health_answer_under_any_name(site: Furnished) -> None:
    for path in ("/health", f"/{site.mine.code}"):
        assert site.client.get(path, headers={"Host": "any.example"}).status_code in (200, 302), path


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "application/json"}, b"{}", 415),
        ({}, b"csrf=x", 415),
        ({"Content-Type": FORM}, b"csrf=" + b"x" * 70_000, 413),
        ({"Content-Type": FORM}, b"csrf=%ff", 400),
        ({"Content-Type": FORM}, b"csrf=\xff", 400),
        ({"Content-Type": FORM}, b"name=%00", 400),
        ({"Content-Type": FORM}, b"csrf=a&csrf=b", 400),
        ({"Content-Type": FORM}, b"&".join(b"a%d=1" % number for number in range(200)), 400),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--", 415),
    ],
)
def test_odd_bodies_are_refused(site: Furnished, headers: dict[str, str], content: bytes, status: int) -> None:
    for path in ("/sign-in", "/brands/atelier/leads", "/password"):
        token = site.session(site.mine.owner)
        answer = site.client.post(path, content=content, headers=headers | {"Cookie": f"crosspost={token}"})
        assert answer.status_code == status, path
        assert "<h1>" in answer.text, "a person gets a page"


@pytest.mark.parametrize(
    "cookie", ["crosspost=", "crosspost=x", "crosspost=" + "x" * 5000, "crosspost=\xe9", "=;;;", "crosspost"]
)
def test_odd_cookies_are_no_session(site: Furnished, cookie: str) -> None:
    answer = site.client.get("/brands/atelier", headers=[(b"Cookie", cookie.encode("latin-1"))])
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?to=/brands/atelier")


def test_one_s_own_password_is_changed_with_the_present_one(own_site: Furnished) -> None:
    new = "another five words here"
    name = own_site.mine.owner
    wrong = own_site.post("/password", name, present="guess guess guess", new=new, again=new)
    assert wrong.status_code == 422
    assert own_site.post("/password", name, present=PASSWORD, new=new, again=new + "x").status_code == 422
    assert own_site.post("/password", name, present=PASSWORD, new="short", again="short").status_code == 422
    done = own_site.post("/password", name, present=PASSWORD, new=new, again=new)
    assert done.headers["location"] == "/sign-in?done=password"
    assert sign_in(own_site).status_code == 422
    assert sign_in(own_site, password=new).status_code == 303


def test_waiting_is_told_and_the_failure_is_kept(own_site: Furnished) -> None:
    answers = [sign_in(own_site, password="wrong wrong wrong") for _ in range(FREE_FAILURES + 1)]
    assert [one.status_code for one in answers] == [422] * FREE_FAILURES + [429]
    assert answers[-1].headers["retry-after"] == "1"
    with sqlite3.connect(own_site.file) as connection:
        query = 'SELECT failures FROM "user" WHERE name = ?'
        assert connection.execute(query, (own_site.mine.owner,)).fetchone() == (FREE_FAILURES,)
    connection.close()


def asked(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 1234)})


def test_only_a_trusted_proxy_says_whose_request_it_is() -> None:
    ours = Addresses(["127.0.0.1", "10.0.0.0/8"])
    assert Addresses().of(asked("127.0.0.1", "6.6.6.6")) == "127.0.0.1"
    assert ours.of(asked("9.9.9.9", "6.6.6.6")) == "9.9.9.9", "they made it up"
    assert ours.of(asked("127.0.0.1", "1.1.1.1, 6.6.6.6")) == "6.6.6.6", "what stands before is theirs"
    assert ours.of(asked("::ffff:127.0.0.1", "1.1.1.1", "6.6.6.6, 10.1.1.1")) == "6.6.6.6"
    assert ours.of(asked("127.0.0.1")) == ours.of(asked("127.0.0.1", "nonsense")) == "127.0.0.1"


def test_of_ipv6_a_whole_subscriber_counts_as_one() -> None:
    assert subscriber("2001:db8::1") == subscriber("2001:db8::ffff:1:1") != subscriber("2001:db8:0:1::1")
    assert subscriber("::ffff:6.6.6.6") == subscriber("6.6.6.6") != subscriber("6.6.6.7")
    assert subscriber("testclient") == "testclient"


@pytest.mark.parametrize("trusted", [(), ("127.0.0.1",)], ids=["no proxy", "this machine"])
def test_behind_a_trusted_proxy_each_visitor_has_an_address(tmp_path: Path, trusted: tuple[str, ...]) -> None:
    """Behind one that nobody named all have its address, which says nothing."""
    with furnished(tmp_path, addresses=Addresses(trusted)) as site:
        cookie, csrf = form_of(site)
        statuses = []
        for number, address in [*((one, "6.6.6.6") for one in range(21)), (21, "7.7.7.7")]:
            data = {"name": f"name{number}", "password": "wrong", "csrf": csrf}
            headers = {"Cookie": f"crosspost={cookie}", "X-Forwarded-For": address}
            statuses.append(site.client.post("/sign-in", data=data, headers=headers).status_code)
    assert statuses == [422] * 20 + [429 if trusted else 422, 422]


def test_others_guesses_do_not_keep_the_owner_from_changing_the_password(own_site: Furnished) -> None:
    known = sign_in(own_site).cookies["crosspost-known"]
    for _ in range(FREE_FAILURES + 1):
        sign_in(own_site, password="wrong wrong wrong")
    name, new = own_site.mine.owner, "another five words here"
    token = own_site.session(name)
    told = {"csrf": csrf_of(token), "present": PASSWORD, "new": new, "again": new}
    cookies = {"Cookie": f"crosspost={token}; crosspost-known={known}"}
    assert own_site.client.post("/password", data=told, headers=cookies).status_code == 303


def test_pages_carry_a_policy_without_scripts_and_are_not_kept(site: Furnished) -> None:
    for path in ("/sign-in", "/brands/atelier", "/brands/atelier/leads", "/brands/nothing"):
        answer = site.get(path, site.mine.owner)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert "<script" not in answer.text
        assert " style=" not in answer.text
