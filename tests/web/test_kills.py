"""`kill -9` at any moment of the whole server: no answer that left is without its record on disk, or counted missed."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from random import Random

import pytest

from crosspost.hitlog.reader import missed, read, segments
from crosspost.store import links
from tests.blank import BRAND, NOW, TARGET, blank_store
from tests.web.conftest import CODE

SERVER = """
import sys
from pathlib import Path
from crosspost.clock import SystemClock
from crosspost.hitlog.writer import HitWriter
from crosspost.store.database import Database
from crosspost.store.store import Store
from crosspost.web.app import build
from crosspost.web.serve import serve

folder, wait_s = Path(sys.argv[1]), float(sys.argv[2])
clock, hits = SystemClock(), folder / "hits"
store = Store(Database(f"sqlite:///{folder / 'crosspost.db'}"))
app = build(store, clock, HitWriter(hits, clock.now, wait_s=wait_s), hits, lambda _: [])
serve(app, port=0, ready=lambda port: print(port, flush=True))
"""
REQUEST = f"GET /{CODE} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Mozilla/5.0 Firefox/140.0\r\n\r\n".encode()
VISITORS = 8


def visit(port: int, counts: list[int], at: int) -> None:
    """Ask again and again on one connection until it breaks; count the answers that arrived whole."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        rest = b""
        while True:
            try:
                connection.sendall(REQUEST)
                while b"\r\n\r\n" not in rest:
                    more = connection.recv(65_536)
                    if not more:
                        return
                    rest += more
            except OSError:
                return
            head, rest = rest.split(b"\r\n\r\n", 1)
            assert head.startswith(b"HTTP/1.1 302 ")
            counts[at] += 1


def strike(folder: Path, wait_s: str, after_s: float) -> int:
    """Kill a busy server; how many answers had arrived. Each of them must be on record."""
    folder.mkdir()
    store = blank_store(folder)
    with store.write(BRAND) as scope:
        links.add(scope, CODE, TARGET, NOW)
    store.database.close()
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(folder), wait_s], stdout=subprocess.PIPE, text=True)
    counts = [0] * VISITORS
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        crowd = [threading.Thread(target=visit, args=(port, counts, at)) for at in range(VISITORS)]
        for one in crowd:
            one.start()
        deadline = time.monotonic() + 30
        while sum(counts) < 50 and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(after_s)
        server.send_signal(signal.SIGKILL)
        for one in crowd:
            one.join(30)
        assert server.wait(30) == -signal.SIGKILL
    finally:
        server.kill()
        server.stdout and server.stdout.close()
    parts = [read(path) for path in segments(folder / "hits")]
    assert all(part.damaged == () for part in parts)
    answers = sum(counts)
    assert answers <= sum(len(part.offsets) for part in parts) + missed(folder / "hits")
    return answers


@pytest.mark.parametrize(
    "strikes", [1, pytest.param(40, marks=pytest.mark.long)], ids=["once", "many"]
)  # fmt: skip
@pytest.mark.parametrize("wait_s", ["0.05", "0.0005"], ids=["usual wait", "many missed"])
def test_a_server_killed_at_any_moment_answered_nobody_without_a_record(
    tmp_path: Path, strikes: int, wait_s: str
) -> None:
    chance = Random(20261128)
    total = sum(strike(tmp_path / str(number), wait_s, chance.uniform(0.01, 0.3)) for number in range(strikes))
    assert total >= 50 * strikes, "too few answers to prove anything"
