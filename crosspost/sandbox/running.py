"""A sandbox for tests and the demonstration: in a thread, or in a process that may be killed."""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crosspost.sandbox.client_clock import ControlClient, SandboxClock
from crosspost.sandbox.state import State


class Sandbox:
    """`with Sandbox(…) as sandbox:` runs one on a free port of this machine; `origin` is its address.

    `virtual_start` gives a virtual clock. `world` brings the blog and the audience. `process` runs it as a process
    of its own, which `kill` ends without warning; with `ledger`, starting again at the same port goes on from
    there. `state` is the live state, in a thread only.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        virtual_start: datetime | None = None,
        ledger: Path | None = None,
        world: bool = False,
        setup: Callable[[State], None] | None = None,
        process: bool = False,
        port: int = 0,
    ) -> None:
        if process and setup:
            raise ValueError("a process takes no setup: use world")
        self.origin = ""
        self.state: State | None = None
        self._seed, self._virtual_start, self._ledger = seed, virtual_start, ledger
        self._world, self._setup, self._as_process, self._port = world, setup, process, port
        self._process: subprocess.Popen[str] | None = None
        self._stop: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when it answers. After `kill` or `stop` it starts anew, at the same port."""
        self._start_process() if self._as_process else self._start_thread()
        self._port = int(self.origin.rpartition(":")[2])
        self._control = ControlClient(self.origin)

    def _start_thread(self) -> None:
        from crosspost.sandbox.server import new_state, server, with_world

        state = new_state(seed=self._seed, virtual_start=self._virtual_start, ledger_path=self._ledger)

        def setup(made: State) -> None:
            if self._world:
                with_world(made)
            if self._setup:
                self._setup(made)

        up = threading.Event()
        made, listener = server(state, port=self._port, ready=lambda _: up.set(), setup=setup)
        thread = threading.Thread(target=lambda: made.run(sockets=[listener]), name="sandbox", daemon=True)
        thread.start()
        while not up.wait(0.1):
            if not thread.is_alive():
                raise RuntimeError("the sandbox did not start")
        self.state, self.origin = state, state.origin

        def stop() -> None:
            made.should_exit = True
            thread.join(15)
            listener.close()
            state.ledger.close()

        self._stop = stop

    def _start_process(self) -> None:
        command = [sys.executable, "-m", "crosspost.sandbox.running", f"--seed={self._seed}", f"--port={self._port}"]
        if self._virtual_start is not None:
            command.append(f"--virtual-start={self._virtual_start.isoformat()}")
        if self._ledger is not None:
            command.append(f"--ledger={self._ledger}")
        if self._world:
            command.append("--world")
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        if self._process.stdout is None or not (line := self._process.stdout.readline().strip()):
            raise RuntimeError(f"the sandbox did not start: exit code {self._process.wait()}")
        self.origin = line
        self._stop = self._end_process

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    def kill(self) -> None:
        """SIGKILL: what a power cut does to a server."""
        if self._process is None:
            raise RuntimeError("only a process can be killed")
        self._process.kill()
        self._end_process()

    def stop(self) -> None:
        self._control.close()
        self._stop()

    # what a test or the demonstration asks of it

    def add_account(
        self, network: str, handle: str, *, name: str | None = None, followers: int = 0, **behaviour: Any
    ) -> dict[str, Any]:
        """network, id, handle, server, followers, behaviour and secrets (by the adapters' names)."""
        wanted = {"network": network, "handle": handle, "name": name, "followers": followers, "behaviour": behaviour}
        found: dict[str, Any] = self._control.ask("POST", "accounts", wanted)
        return found

    def ledger(self, since: int = 0) -> list[dict[str, Any]]:
        """What was really posted and deleted, oldest first."""
        found: list[dict[str, Any]] = self._control.ask("GET", f"ledger?since={since}")
        return found

    def posted(self, **equal: Any) -> list[dict[str, Any]]:
        """The ledger's posts with these values, such as `network="x"`."""
        return [
            entry
            for entry in self.ledger()
            if entry["event"] == "post" and all(entry[name] == value for name, value in equal.items())
        ]

    def set_fault(self, kind: str, **values: Any) -> int:
        """Install a fault of `crosspost.sandbox.faults`; its number."""
        return int(self._control.ask("POST", "faults", {"kind": kind, **values})["id"])

    def faults(self) -> list[dict[str, Any]]:
        """The installed faults, with how often each struck."""
        found: list[dict[str, Any]] = self._control.ask("GET", "faults")["installed"]
        return found

    def clear_faults(self, number: int | None = None) -> None:
        self._control.ask("DELETE", "faults" if number is None else f"faults?id={number}")

    def set_tokens(self, account_id: str, action: str) -> None:
        """expire, revoke or restore the tokens of that account."""
        self._control.ask("POST", "tokens", {"account": account_id, "action": action})

    def react(self, network: str, post_id: str, handles: list[str], kind: str = "like") -> None:
        """These people like or repost that post."""
        self._control.ask("POST", "reactions", {"network": network, "id": post_id, "handles": handles, "kind": kind})

    def answer_logins(self, answer: str, account: str | None = None, granted: list[str] | None = None) -> None:
        """allow or deny every login at once, as `account` (its id or handle); ask: show the page to a person."""
        self._control.ask("POST", "logins", {"answer": answer, "account": account, "granted": granted})

    def logins(self) -> dict[str, Any]:
        """What pages were asked for, and how often tokens were renewed."""
        found: dict[str, Any] = self._control.ask("GET", "logins")
        return found

    def add_app(self, network: str, redirect: str, **given: str) -> dict[str, Any]:
        """client_id and client_secret of the network's app, with one more address that it may send browsers to."""
        found: dict[str, Any] = self._control.ask(
            "POST", "apps", {"network": network, "redirect_uris": [redirect], **given}
        )
        return found

    def advance(self, *, seconds: float | None = None, to: datetime | None = None) -> datetime:
        """Run the virtual clock on, whoever is busy; the new instant."""
        body = {"to": to.isoformat()} if to is not None else {"seconds": seconds}
        return datetime.fromisoformat(self._control.ask("POST", "clock/advance", body, timeout_s=None)["now"])

    def truth(self) -> dict[str, Any]:
        found: dict[str, Any] = self._control.ask("GET", "truth")
        return found

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = self._control.ask("GET", "health")
        return found

    def clock(self, who: str | None = None) -> SandboxClock:
        return SandboxClock(self.origin, who)


def main() -> None:
    """What `Sandbox(process=True)` starts: prints the origin when it is ready."""
    from crosspost.sandbox.server import serve, with_world

    parser = argparse.ArgumentParser(prog="python -m crosspost.sandbox.running")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--virtual-start", type=datetime.fromisoformat)
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("--world", action="store_true")
    wanted = parser.parse_args()
    serve(
        port=wanted.port, seed=wanted.seed, virtual_start=wanted.virtual_start, ledger_path=wanted.ledger,
        ready=lambda origin: print(origin, flush=True), setup=with_world if wanted.world else None,
    )  # fmt: skip


if __name__ == "__main__":
    main()
