"""A rehearsal: real processes around a sandbox, on a virtual clock, in a data folder of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from crosspost.cli.context import App
from crosspost.domain.brand import Brand, LinkMode
from crosspost.domain.errors import CrosspostError, Unavailable
from crosspost.secret import Secret

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 1, 5, 6, 0, tzinfo=PARIS)  # a Monday
SLOTS = {"x": "thu 09:00", "facebook": "thu 12:30", "mastodon": "thu 18:00", "bluesky": "fri 09:00"}
# What an owner brings: the sandbox's further secrets belong to a login, and could not be renewed without its app.
BROUGHT = {
    "x": ("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "facebook": ("page_token",),
    "mastodon": ("access_token",), "bluesky": ("app_password",),
}  # fmt: skip
FOLLOWERS = {"x": 2400, "facebook": 1300, "mastodon": 640, "bluesky": 380}
_STOP_S = 20.0


@dataclass(frozen=True, slots=True)
class Process:
    name: str
    popen: subprocess.Popen[str]
    said: dict[str, Any]  # its first line, as JSON

    def stop(self) -> None:
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()


class Rehearsal:
    """Start with `with`; everything it started is stopped when the block ends, whatever happened in it."""

    def __init__(self, folder: Path, *, seed: int, reports_dir: Path) -> None:
        self._folder, self._seed, self._reports_dir = folder, seed, reports_dir
        self._stack = ExitStack()

    def __enter__(self) -> Rehearsal:
        from crosspost.sandbox.running import Sandbox

        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self.sandbox = self._stack.enter_context(
                Sandbox(seed=self._seed, virtual_start=START, world=True, process=True)
            )
            self.origin = self.sandbox.origin
            self._settings = self._folder / "rehearsal.toml"
            self._settings.write_text(
                # Each reading is a round of everything; what appears on Tuesday morning is there for Wednesday.
                f'clock = "{self.origin}"\nprivate_origins = ["{self.origin}"]\nfeed_every_s = 43200\n'
                # The sandbox tells whose request each is, as a proxy does.
                f'trusted_proxies = ["127.0.0.1"]\n'
                f"templates_dir = {json.dumps(str(self._folder / 'templates'))}\n"
                f"reports_dir = {json.dumps(str(self._reports_dir.resolve()))}\n",
                encoding="utf-8",
            )
            self.app = App(config=self._settings, data_dir=self._folder, settings=self._overrides())
            self._stack.callback(self.app.close)
            self.owner = self.sandbox.clock("owner")
            self.owner.join()
            _ = self.app.store  # the tables must be there before other processes open them
            self.web = self._start("serve", "--port", "0")
        except BaseException:
            self._stack.close()
            raise
        return self

    def _overrides(self) -> dict[str, object]:
        # The person's own environment must not reach into a rehearsal.
        return {"clock": self.origin, "private_origins": [self.origin], "database": "", "use_keyring": False}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start(self, command: str, *arguments: str) -> Process:
        from crosspost.settings import bare_environment

        line = [sys.executable, "-m", "crosspost", "--data-dir", str(self._folder), "--config", str(self._settings)]
        log = (self._folder / f"{command}.log").open("w", encoding="utf-8")
        self._stack.callback(log.close)
        popen = subprocess.Popen(
            [*line, command, *arguments, "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            text=True, env=bare_environment(), start_new_session=True,
        )  # fmt: skip
        assert popen.stdout is not None
        process = Process(command, popen, {})
        self._stack.callback(process.stop)
        said = _first_json(popen)
        if said is None:
            raise Unavailable(f"`crosspost {command}` did not start", remedy=f"see {self._folder / f'{command}.log'}")
        return Process(command, popen, said)

    def set_up(self, world: str, weeks: int) -> Brand:
        """A brand, an account on each network, the blog as its source, and the audience's world."""
        from crosspost.commands.keys import endpoint_secret
        from crosspost.commands.read import read_due
        from crosspost.commands.setup import add_brand
        from crosspost.store.articles import add_source

        app, now = self.app, self.app.clock.now()
        brand = add_brand(
            app.store, now, "Atelier Pervenche", chosen_slug="demo", link_mode=LinkMode.REDIRECT,
            public_url=str(self.web.said["url"]),
        )  # fmt: skip
        for network, slot in SLOTS.items():
            made = self.sandbox.add_account(network, "atelier-pervenche", followers=FOLLOWERS[network])
            app.connector.connect(
                brand, network, {name: Secret(made["secrets"][name]) for name in BROUGHT[network]},
                server=self.origin, handle=str(made["handle"]), slots=(slot,),
                settings={"sandbox": "the audience is the sandbox's: simulated"},
            )  # fmt: skip
        with app.store.write(brand.id) as scope:
            add_source(scope, "feed", f"{self.origin}/rss", now)
        read_due(app.store, brand, app.outbound, now, app.settings.feed_every_s, force=True)
        secret = endpoint_secret(app.store, app.vault, brand.id, now)
        begun = app.outbound.send("POST", f"{self.origin}/_sandbox/world", configured=True, json={
            "truth": world, "endpoint": self.web.said["url"], "brand": brand.slug, "secret": secret.reveal(),
            "weeks": weeks,
        })  # fmt: skip
        if begun.status != 200:
            raise Unavailable(f"the sandbox refused the world {world!r}: {begun.text()[:200]}")
        return brand

    def live(self, brand: Brand, weeks: int) -> Iterator[int]:
        """Let the weeks pass. Each Wednesday the owner approves what the scheduler planned. Yields weeks done."""
        from crosspost.domain.delivery import State
        from crosspost.store.deliveries import approve, listed

        clock = self.owner
        scheduler = self._start("run")
        for week in range(weeks):
            clock.idle_until(START + timedelta(weeks=week, days=2, hours=2))
            if scheduler.popen.poll() is not None:
                raise Unavailable("the scheduler stopped", remedy=f"see {self._folder / 'run.log'}")
            with self.app.store.read(brand.id) as scope:
                drafts = listed(scope, {State.DRAFT})
            for draft in drafts:
                with self.app.store.write(brand.id) as scope:
                    approve(scope, draft.id, who="the demo's owner", now=clock.now())
            yield week
        clock.idle_until(START + timedelta(weeks=weeks))
        clock.leave()
        scheduler.stop()
        yield weeks

    def finish(self, brand: Brand) -> dict[str, Any]:
        """Fold the last hits, import the owner's hours, and return the sandbox's truth."""
        from crosspost.commands.fold import fold
        from crosspost.commands.importing import import_files
        from crosspost.commands.visits import fold_visits

        settings, now = self.app.settings, self.app.clock.now()
        fold(self.app.store, settings.hits_dir, now)
        fold_visits(self.app.store, settings.visits_dir, now)
        hours = self._folder / "efforts.csv"
        hours.write_bytes(self.app.outbound.send("GET", f"{self.origin}/_sandbox/efforts.csv", configured=True).body)
        for imported in import_files(self.app.store, brand, [hours], now):
            if imported.refused:
                raise Unavailable(imported.refused)
        return self.sandbox.truth()


def _first_json(popen: subprocess.Popen[str]) -> dict[str, Any] | None:
    """The first JSON object a process prints; None when it ends without one."""
    assert popen.stdout is not None
    text = ""
    for line in popen.stdout:
        text += line
        try:
            found = json.loads(text)
        except ValueError:
            continue
        return found if isinstance(found, dict) else None
    return None


@contextmanager
def failing_loudly(folder: Path) -> Iterator[None]:
    """Say where the processes' own logs are when a rehearsal fails."""
    try:
        yield
    except CrosspostError as error:
        raise Unavailable(error.message, where=error.where, remedy=error.remedy or f"logs are in {folder}") from None
