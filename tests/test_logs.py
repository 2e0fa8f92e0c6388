"""No secret in the log file or on the screen, whatever way it took."""

from __future__ import annotations

import base64
import json
import logging
import stat
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from crosspost import logs
from crosspost.outside.http import Outbound, OutboundError
from crosspost.outside.sdk import session
from crosspost.secret import Secret
from crosspost.vault import MasterKey, Vault
from tests.local_server import LocalServer, Reply, Request, serving

log = logging.getLogger("crosspost.tests")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "logs" / "crosspost.log"
    undo = logs.configure(path, verbose=True)
    noisy = ("httpx", "httpcore", "urllib3", "tweepy", "tweepy.client", "requests_oauthlib",
             "requests_oauthlib.oauth1_auth", "oauthlib")  # fmt: skip
    levels = {name: logging.getLogger(name).level for name in noisy}
    for name in noisy:
        logging.getLogger(name).setLevel(logging.DEBUG)  # worse than what `configure` allows
    yield path
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    undo()


def _everything(file: Path, capsys: pytest.CaptureFixture[str]) -> str:
    screen = capsys.readouterr()
    return file.read_text("utf-8") + screen.err + screen.out


def _nested(error: Exception) -> None:
    try:
        raise ValueError("the cause")
    except ValueError as cause:
        raise error from cause


# Each takes a canary and logs it in one of the forms in which secrets have leaked from real programs. None of the
# canaries is registered: the patterns alone have to find them.
UNREGISTERED: dict[str, Callable[[str], object]] = {
    "query": lambda c: log.warning("GET https://graph.facebook.com/v25.0/me?fields=id&access_token=%s&x=1", c),
    "bearer": lambda c: log.info("Headers: %s", {"Authorization": f"Bearer {c}", "Accept": "*/*"}),
    "basic": lambda c: log.info("Authorization: Basic %s", base64.b64encode(f"id:{c}".encode()).decode()),
    "oauth": lambda c: log.info(
        'Authorization: OAuth oauth_consumer_key="%s", oauth_token="%s", oauth_signature="%s%%3D"', c, c, c
    ),
    "json": lambda c: log.info(json.dumps({"accessJwt": c, "refreshJwt": c, "did": "did:plc:x"})),
    "form": lambda c: log.info("body %s", f"grant_type=password&client_secret={c}&password={c}".encode()),
    "raw headers": lambda c: log.debug("headers=%r", [(b"Authorization", f"Bearer {c}".encode())]),
    "exchange": lambda c: log.info(
        "GET https://x.example/?grant_type=fb_exchange_token&fb_exchange_token=%s&input_token=%s", c, c
    ),
    "verifier": lambda c: log.info("body %s", f"grant_type=authorization_code&code_verifier={c}"),
    "of a page": lambda c: log.info("%r", {"page_token": c, "user_token": c}),
    "userinfo": lambda c: log.info("connecting to postgresql://crosspost:%s@localhost/crosspost", c),
    "extra": lambda c: log.info("refreshed", extra={"access_token": c, "url": f"https://x/?access_token={c}"}),
    "cookie": lambda c: log.info("Set-Cookie: session=%s; HttpOnly", c),
    "keyword": lambda c: log.info("Client(consumer_key='%s', api_key=%r, app_secret: %s)", c, c, c),
}


@pytest.mark.parametrize("form", UNREGISTERED)
def test_secrets_nobody_registered(form: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    canary = f"canary{abs(hash(form)) % 10**9:09d}Zz"
    UNREGISTERED[form](canary)
    try:
        _nested(RuntimeError(f"HTTP 400 for url: https://x.example/?access_token={canary}&v=1"))
    except RuntimeError:
        log.exception("it failed with Bearer %s", canary)
    told = _everything(file, capsys)
    assert "canary" not in told
    assert "it failed" in told
    assert "the cause" in told


def test_registered_secrets_in_every_coat(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = 'cañary "q" \\ /+=&% 123456'
    logs.register(Secret(value))
    for coat in (
        value,
        quote(value, safe=""),
        quote(value),
        json.dumps(value),
        json.dumps(value, ensure_ascii=False),
        repr(value),
        *(base64.b64encode(f"{user}:{value}".encode()).decode() for user in ("a", "ab", "abc")),
    ):
        log.warning("before %s after", coat)
        log.info("x", extra={"note": coat})
    log.warning("in a dict: %s", {"k": value})
    told = _everything(file, capsys)
    inner = base64.b64encode(f"a:{value}".encode()).decode()[8:-8]
    for part in ("cañary", "123456", "ca%C3%B1ary", "ca\\u00f1ary", inner):
        assert part not in told
    assert "before" in told
    assert "after" in told


def test_the_vault_registers_what_it_handles(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = MasterKey.generate()
    sealed = Vault(key).seal("b", "a", "n", Secret("canary-sealed-by-the-vault"))
    logs._known.clear()
    log.warning("opened %s", Vault(key).open("b", "a", "n", sealed).reveal())
    assert "canary" not in _everything(file, capsys)


def test_a_value_that_is_a_form_of_another_is_hidden_in_its_own_forms_too(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.register(Secret("canary one"))
    logs.register(Secret("canary%20one"))
    log.warning("quoted twice: canary%2520one")
    assert "canary" not in _everything(file, capsys)


def test_short_values_do_not_blank_out_words(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.register(Secret("on"))
    log.warning("one article on the wood: a basic lesson, token counts 5, password login is off")
    assert "one article on the wood: a basic lesson" in _everything(file, capsys)


CANARIES = [f"canary-{word}-0123456789abcdef" for word in
            ["bearer", "consumer", "consumersecret", "access", "accesssecret", "facebook", "mastodon", "bluesky",
             "jwt", "client", "body", "webhook"]]  # fmt: skip


def _failing(request: Request) -> Reply:
    """A server that quotes what it was told, in every way a network fails."""
    echo = json.dumps({"error": {"message": request.path + str(request.headers) + repr(request.body)}}).encode()
    if "cut" in request.path:
        return Reply(headers={"Content-Length": "9999"}, chunks=lambda: iter([echo]))
    if "html" in request.path:
        return Reply(502, {"Content-Type": "text/html"}, b"<h1>Bad gateway</h1>" + echo)
    status = 429 if "limited" in request.path else 401
    return Reply(status, {"Content-Type": "application/json", "WWW-Authenticate": "Bearer " + CANARIES[0]}, echo)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with serving(_failing) as running:
        yield running


def test_twelve_canaries_through_every_failing_way(
    server: LocalServer, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Real libraries, all at DEBUG, each failure logged with its traceback: 0 hits."""
    import httpx
    import requests
    import tweepy

    assert len(CANARIES) == 12
    for canary in CANARIES:
        logs.register(Secret(canary))
    bearer, ck, cs, at, ats, fb, masto, bsky, jwt, client, body, hook = CANARIES
    outbound = Outbound(private_origins=frozenset({server.origin}), timeout_s=5)
    ours = session(server=server.origin, stands_for=["https://api.twitter.com"], outbound=outbound)
    user = tweepy.Client(consumer_key=ck, consumer_secret=cs, access_token=at, access_token_secret=ats)
    app = tweepy.Client(bearer_token=bearer)
    user.session = app.session = ours
    closed = f"http://127.0.0.1:1/{hook}?access_token={fb}"
    headers = {"Authorization": f"Bearer {masto}", "X-Client": client}
    failures = 0

    def attempt(what: Callable[[], object]) -> None:
        nonlocal failures
        try:
            answer = what()
            if isinstance(answer, httpx.Response | requests.Response):
                answer.raise_for_status()
            log.warning("answered %r %s", answer, getattr(answer, "body", b""))
        except Exception as error:
            failures += 1
            log.exception("failed: %s %r", error, error.args)

    for way in ("plain", "cut", "html", "limited"):
        url = f"{server.origin}/{way}/{hook}?access_token={fb}"
        attempt(lambda url=url: outbound.send("POST", url, configured=True, headers=headers, json={"password": bsky}))  # type: ignore[misc]
        attempt(lambda url=url: outbound.send("GET", url, headers=headers))  # type: ignore[misc]
        attempt(lambda url=url: httpx.post(url, headers=headers, data={"t": body}, trust_env=False))  # type: ignore[misc]
        attempt(lambda url=url: requests.post(url, headers=headers, json={"refreshJwt": jwt}, timeout=5))  # type: ignore[misc]
    attempt(lambda: user.create_tweet(text=body))
    attempt(lambda: app.create_tweet(text=body, user_auth=False))
    attempt(lambda: user.get_tweets([1], user_auth=True))
    attempt(lambda: outbound.send("GET", closed, configured=True))
    attempt(lambda: outbound.send("GET", server.origin, configured=True, headers={"a": f"{masto}\r\nb: c"}))
    attempt(lambda: httpx.get(closed, headers=headers, trust_env=False))
    attempt(lambda: requests.get(closed, headers=headers, timeout=5))
    attempt(lambda: session(server=server.origin, stands_for=[], outbound=outbound).get(f"https://x/{jwt}"))
    told = _everything(file, capsys)
    assert failures >= 15
    assert "Making API request" in told, "tweepy's own DEBUG log is part of the trial"
    assert "Traceback" in told
    assert [canary for canary in CANARIES if canary in told or quote(canary) in told] == []
    assert "canary" not in told


def test_arguments_that_do_not_fit_are_no_way_out() -> None:
    """The logging module's own complaint would print message and arguments as they are."""
    record = log.makeRecord("x", logging.INFO, __file__, 1, "access_token=canary12345 %s %d", ("one",), None)
    for formatter in (logs.JsonLines(), logs.ShortText(tracebacks=True)):
        told = formatter.format(record)
        assert "do not fit" in told
        assert "canary" not in told


def test_lines_are_json_with_context(file: Path) -> None:
    log.warning("published\nsecond line", extra={"brand": "léa", "attempt": 2, "delivery": None})
    try:
        raise KeyError("x")
    except KeyError:
        log.exception("broken")
    first, second = [json.loads(line) for line in file.read_text("utf-8").splitlines()[-2:]]
    assert {key: first[key] for key in ("level", "logger", "message", "brand", "attempt", "delivery")} == {
        "level": "warning", "logger": "crosspost.tests", "message": "published\nsecond line", "brand": "léa",
        "attempt": 2, "delivery": None,
    }  # fmt: skip
    assert first["at"].endswith("+00:00")
    assert "KeyError: 'x'" in second["traceback"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_screen_shows_control_characters_instead_of_obeying(capsys: pytest.CaptureFixture[str]) -> None:
    undo = logs.configure(None)
    try:
        log.warning("a feed says \x1b[2J\x07 hello")
        log.info("nobody needs this on the screen")
        try:
            raise ValueError("short")
        except ValueError:
            log.exception("it broke")
    finally:
        undo()
    assert capsys.readouterr().err == "warning: a feed says \\x1b[2J\\x07 hello\nerror: it broke\n"


def test_talkative_libraries_are_kept_quiet(tmp_path: Path) -> None:
    undo = logs.configure(tmp_path / "log", verbose=True)
    try:
        levels = {name: logging.getLogger(name).getEffectiveLevel() for name in ("httpx", "httpcore", "urllib3")}
        assert set(levels.values()) == {logging.WARNING}
        assert not logging.getLogger("tweepy").isEnabledFor(logging.DEBUG)
        assert not logging.getLogger("requests_oauthlib").isEnabledFor(logging.DEBUG)
    finally:
        undo()


def test_uncaught_exceptions_and_warnings_are_redacted(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = RuntimeError("Bearer canary12345")
    sys.excepthook(type(error), error, None)

    def fail() -> None:
        raise OutboundError("access_token=canary12345")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("client_secret=canary12345", stacklevel=1)
    told = _everything(file, capsys)
    assert told.count("RuntimeError") >= 2
    assert "OutboundError" in told
    assert "client_secret" in told
    assert "canary" not in told


def test_a_fault_is_reported_where_it_can_be_read(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise RuntimeError("password=canary12345")
    except RuntimeError as error:
        fault = error
    assert logs.report_fault(fault) == str(file)
    line = json.loads(file.read_text("utf-8").splitlines()[-1])
    assert "RuntimeError" in line["traceback"]
    assert "canary" not in _everything(file, capsys)


def test_a_fault_without_a_log_goes_to_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    undo = logs.configure(None)
    try:
        assert logs.report_fault(RuntimeError("password=canary12345")) == "the lines above"
    finally:
        undo()
    told = capsys.readouterr().err
    assert "RuntimeError" in told
    assert "canary" not in told


def test_undo_leaves_no_trace(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), sys.excepthook, logging.getLogger("httpx").level)
    logs.configure(tmp_path / "log", verbose=True)()
    assert (root.level, list(root.handlers), sys.excepthook, logging.getLogger("httpx").level) == before
