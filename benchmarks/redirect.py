"""What it costs to have the hit on disk before the visitor is sent on, beside servers that keep nothing.

In one run, over loopback and one after the other in each round: nginx `return 302`; a bare ASGI application that
answers the same 302, on the server that `crosspost serve` uses; and `crosspost serve`'s own application, each hit
synced to disk before its answer. Load comes from wrk. Each figure is the median of three short runs; rounds go
through all three servers, so that whatever else the machine does meets all of them. Compare figures of one run only.
Afterwards every record of the hit log is read back: `answers` are those crosspost gave (wrk leaves before it has read
the last of each run), `rows` the records, `missed` the visitors who were sent on without one.

    apt-get install wrk nginx-light
    python -m benchmarks.redirect
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from crosspost.clock import SystemClock
from crosspost.domain.brand import Brand, LinkMode
from crosspost.hitlog.reader import missed, read, segments
from crosspost.hitlog.writer import HitWriter
from crosspost.store import brands, links
from crosspost.store.database import Database
from crosspost.store.migrate import upgrade
from crosspost.store.store import Store

CODE = "k7m2p9qrst"
TARGET = "https://blog.example/article?utm_source=linkedin&utm_medium=social&utm_content=k7m2p9qrst"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HEADERS = [f"User-Agent: {AGENT}", "Referer: https://www.linkedin.com/", "Accept-Language: fr-FR,fr;q=0.9"]
START_S = 20.0


async def bare(scope: Any, _receive: Any, send: Any) -> None:
    """The least an ASGI application can do."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 302, "headers": [(b"location", TARGET.encode())]})
        await send({"type": "http.response.body", "body": b""})


def serve_bare(port: int) -> None:
    import uvicorn

    with suppress(KeyboardInterrupt):
        uvicorn.run(bare, port=port, log_level="error", access_log=False, lifespan="off", server_header=False)


def serve_crosspost(port: int, folder: str) -> None:
    from crosspost.commands.salts import Salts
    from crosspost.hitlog.visits import MAGIC, SUFFIX
    from crosspost.web.app import build
    from crosspost.web.serve import serve
    from crosspost.web.visits import Visits

    clock, home, given = SystemClock(), Path(folder), 0
    store = Store(Database(f"sqlite:///{folder}/crosspost.db"))
    views = HitWriter(home / "visits", clock.now, magic=MAGIC, suffix=SUFFIX)
    visits = Visits(store, views, Salts(home / "salts"), clock.now)
    app = build(store, clock, HitWriter(home / "hits", clock.now), home / "hits", lambda _: [], visits=visits)

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        nonlocal given
        await app(scope, receive, send)
        given += scope["type"] == "http"

    with suppress(KeyboardInterrupt):
        serve(counting, port=port)
    (Path(folder) / "answers").write_text(str(given))


def settle(folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'crosspost.db'}")
    upgrade(database)
    now = datetime.now(UTC)
    brand = Brand("bench".ljust(26, "0"), "bench", "Bench", "UTC", "fr", "EUR", LinkMode.REDIRECT, None, False, now)
    with database.write() as connection:
        brands.add(connection, brand)
    with Store(database).write(brand.id) as scope:
        links.add(scope, CODE, TARGET, now)
    database.close()


def nginx_configuration(folder: Path, port: int) -> str:
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit; daemon off; master_process off;\n"
        f"events {{ worker_connections 512; }}\nhttp {{ access_log off; keepalive_requests 1000000; {places}\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ return 302 {TARGET}; }} }} }}\n"
    )


@contextmanager
def nginx(folder: Path, port: int) -> Iterator[int]:
    configuration = folder / "nginx.conf"
    configuration.write_text(nginx_configuration(folder, port))
    process = subprocess.Popen(["nginx", "-e", "stderr", "-p", str(folder), "-c", str(configuration)])
    try:
        wait_for(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def server(target: Any, *given: Any) -> Iterator[int]:
    process = multiprocessing.get_context("spawn").Process(target=target, args=given)
    process.start()
    try:
        wait_for(given[0])
        yield process.pid or 0
    finally:
        if process.pid is not None and process.is_alive():
            os.kill(process.pid, signal.SIGINT)
        process.join(20)


def processor_s(pid: int) -> float:
    """Processor time a process has used, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing answers on port {port}")


def load(port: int, connections: int, seconds: float) -> dict[str, float]:
    """One run of wrk: answers a second, the latency's 50th and 99th percentile in ms, and how many answers."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency"]
    for header in HEADERS:
        command += ["-H", header]
    told = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/{CODE}"], capture_output=True, text=True, check=True, timeout=seconds + 60
    ).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", told)
    if failed:
        raise SystemExit(f"wrk met errors: {failed[0]}")
    return {
        "rps": float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0]),
        "p50": _ms(told, "50%"),
        "p99": _ms(told, "99%"),
        "answers": int(re.findall(r"(\d+) requests in", told)[0]),
    }


def _ms(told: str, percentile: str) -> float:
    number, unit = re.findall(rf"{percentile}\s+([\d.]+)(us|ms|s)\b", told)[0]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=32, help="Connections of wrk at a time.")
    parser.add_argument("--seconds", type=float, default=4, help="How long a run takes, in whole seconds.")
    parser.add_argument("--rounds", type=int, default=3, help="Runs of each server; the median counts.")
    given = parser.parse_args()
    absent = [name for name in ("wrk", "nginx") if shutil.which(name) is None]
    if absent:
        raise SystemExit(f"not installed: {', '.join(absent)} (on Debian: apt-get install wrk nginx-light)")
    with tempfile.TemporaryDirectory(prefix="crosspost-redirect-") as name, ExitStack() as stack:
        folder = Path(name)
        settle(folder)
        ports = {one: free_port() for one in ("nginx", "bare", "crosspost")}
        pids = {
            "nginx": stack.enter_context(nginx(folder, ports["nginx"])),
            "bare": stack.enter_context(server(serve_bare, ports["bare"])),
        }
        found: dict[str, list[dict[str, float]]] = {one: [] for one in ports}
        with server(serve_crosspost, ports["crosspost"], str(folder)) as pids["crosspost"]:
            for port in ports.values():
                load(port, given.connections, 1)
            for number in range(given.rounds):
                for one, port in ports.items():
                    before = processor_s(pids[one])
                    found[one].append(load(port, given.connections, given.seconds))
                    used = processor_s(pids[one]) - before
                    found[one][-1]["cpu_us"] = used / found[one][-1]["answers"] * 1e6
                    print(f"round {number + 1}, {one}: {found[one][-1]['rps']:.0f} answers a second", file=sys.stderr)
        answers = int((folder / "answers").read_text())
        rows = sum(len(part.offsets) for part in map(read, segments(folder / "hits")))
        told = {f"{one}_rps": round(median(run["rps"] for run in found[one])) for one in ("nginx", "bare", "crosspost")}
        print(
            json.dumps(
                {
                    "nginx_rps": told["nginx_rps"], "bare_asgi_rps": told["bare_rps"],
                    "crosspost_rps": told["crosspost_rps"],
                    "p50_ms": median(run["p50"] for run in found["crosspost"]),
                    "p99_ms": median(run["p99"] for run in found["crosspost"]),
                    "answers": answers, "rows": rows, "missed": missed(folder / "hits"),
                    "of_bare": round(told["crosspost_rps"] / told["bare_rps"], 3),
                    "cpu_us_per_answer": {one: round(median(run["cpu_us"] for run in found[one])) for one in ports},
                    "connections": given.connections,
                }
            )
        )  # fmt: skip


if __name__ == "__main__":
    main()
