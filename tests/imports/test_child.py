"""The child that reads files has nothing, can do nothing else, and is not believed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from crosspost.domain.errors import BadInput, Unavailable
from crosspost.imports import read
from crosspost.imports.read import read_file

LEADS = "lead,date,channel\nA,2026-01-02,é\n"


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Put other code in the child's place."""
    monkeypatch.setattr(read, "_CHILD", [sys.executable, "-c", code])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    path.write_text(LEADS, "utf-8")
    return path


def test_what_is_read_in_the_child_is_what_would_be_read_here(file: Path) -> None:
    assert read_file(file) == read.parse(LEADS.encode(), str(file))


def test_it_inherits_no_environment_and_no_open_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSPOST_MASTER_KEY", "canary")
    instead(
        monkeypatch,
        "import os,json;print(json.dumps({'refused':[repr((dict(os.environ), os.listdir('/dev/fd'))),'x',None,None]}))",
    )
    with file.open(), pytest.raises(BadInput) as told:
        read_file(file)
    names = str(told.value)
    assert "canary" not in names
    assert "CROSSPOST" not in names
    assert "PYTHONPATH" in names
    assert "'4'" not in names, "0, 1, 2 and the listing itself"


@pytest.mark.parametrize("act", [
    "import socket; socket.create_connection(('127.0.0.1', 9))", "import subprocess; subprocess.run(['true'])",
    "import os; os.remove('/nowhere')", "import os; os.system('true')", "import os; os.fork()",
])  # fmt: skip
def test_it_is_refused_what_reading_does_not_need(act: str) -> None:
    code = f"import sys; from crosspost.reading.__main__ import _forbid; sys.addaudithook(_forbid)\n{act}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "is not for reading files" in done.stderr


def test_it_knows_nothing_of_the_product() -> None:
    code = "import sys, crosspost.reading.__main__; print(*sorted(one for one in sys.modules if 'crosspost' in one))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert {one.split(".")[1] for one in done.stdout.split() if "." in one} == {"reading"}


@pytest.mark.parametrize("said", [
    "", "{", "[]", "{}", "nonsense", '{"table": 5}', '{"rows": [[0, 2, ["a"]]]}', '{"end": 5}', '{"refused": []}',
    '{"table": [null, null, [], ["a", "b"]]}\n{"rows": [[0, 2, ["a"]]]}', '{"a": 1, "b": 2}', "[" * 100_000,
    '{"table": [null, null, [], ["a", "b"]]}\n{"rows": [[0, 2, ["a", 5]]]}', '{"table": [null, null, [], ["a", "b"]]}',
])  # fmt: skip
def test_what_it_says_is_not_believed(said: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, f"print({said!r})")
    with pytest.raises(BadInput, match="its reader broke"):
        read_file(file)


@pytest.mark.parametrize(("code", "says"), [
    ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "broke its reader"),
    ("import signal; signal.setitimer(signal.ITIMER_PROF, 0.1)\nwhile True: pass", "takes too long to read"),
    ("import resource as r; r.setrlimit(r.RLIMIT_CPU, (1, 1))\nwhile True: pass", "takes too long|more memory"),
])  # fmt: skip
def test_a_child_that_is_ended_is_a_file_that_is_refused(
    code: str, says: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, code)
    with pytest.raises(BadInput, match=says):
        read_file(file)


def test_a_child_that_hangs_is_ended(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(read, "WALL_S", 0.3)
    with pytest.raises(BadInput, match="takes too long"):
        read_file(file)


def test_a_child_that_cannot_be_started_is_no_fault_of_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "raise SystemExit(3)")
    with pytest.raises(Unavailable, match="ended with 3"):
        read_file(file)
    monkeypatch.setattr(read, "_CHILD", ["/nowhere/python"])
    with pytest.raises(Unavailable, match="can be started"):
        read_file(file)


def test_its_memory_is_limited_where_the_system_can(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from crosspost.reading import __main__ as c; c._tables = lambda *_: bytes(600_000_000); c.main()"
    instead(monkeypatch, code)
    with pytest.raises(BadInput, match="more memory to read than is allowed"):
        read_file(file)


def test_without_limits_of_the_system_it_reads_all_the_same(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = "import resource\ndef no(*_): raise ValueError('not here')\nresource.setrlimit = no\n"
    instead(monkeypatch, broken + "from crosspost.reading.__main__ import main; main()")
    assert len(read_file(file).sheets) == 1


def test_a_pipe_is_read_and_a_device_is_not(tmp_path: Path) -> None:
    reader, writer = os.pipe()

    def write() -> None:
        os.write(writer, LEADS.encode())
        os.close(writer)

    late = threading.Timer(0.1, write)
    late.start()
    assert len(read_file(Path(f"/dev/fd/{reader}")).sheets[0].rows) == 1
    late.join()
    os.close(reader)
    for strange in ("/dev/zero", str(tmp_path)):
        with pytest.raises(BadInput):
            read_file(Path(strange))


def test_a_pipe_that_nobody_writes_into_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(read, "PIPE_S", 0.1)
    with pytest.raises(BadInput, match="nothing comes out of"):
        read_file(tmp_path / "pipe")


def test_nothing_of_it_stays(file: Path) -> None:
    before = threading.active_count()
    for _ in range(3):
        read_file(file)
    assert threading.active_count() <= before
    assert json.dumps(read_file(file).skipped) == "[]"
