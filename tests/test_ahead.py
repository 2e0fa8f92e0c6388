"""The process that reads the log ahead: what it hands over, and that nothing is lost with it."""

from __future__ import annotations

import logging
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from crosspost.domain.errors import BadInput
from crosspost.domain.traffic import Hit
from crosspost.hitlog import ahead
from crosspost.hitlog.ahead import reading_ahead
from crosspost.hitlog.by_link import ByLink, packed, read_by_link, unpacked
from crosspost.hitlog.record import MAGIC, encode
from tests.blank import NOW

# Answers the first question as it should, and dies in the middle of the second answer.
DIES = """
import sys
from crosspost.hitlog import ahead
questions = iter(sys.stdin.buffer)
ahead._serve([next(questions)], sys.stdout.buffer)
next(questions)
sys.stdout.buffer.write((1000).to_bytes(8, "little") + b"half")
sys.exit(3)
"""


def put(folder: Path, name: str, hits: int) -> Path:
    path = folder / f"{name}.hits"
    made = (
        Hit(NOW - timedelta(seconds=n), f"code{n % 3}", "GET", "l.example", f"ä {n}", "", "", "") for n in range(hits)
    )
    path.write_bytes(MAGIC + b"{}\n" + b"".join(map(encode, made)))
    return path


def listed(found: ByLink) -> object:
    columns = [list(column) for column in found.columns]
    return found.codes, found.sizes, columns, found.next_offset, found.torn_bytes, found.damaged, found.more


def both(tmp_path: Path, limit: int) -> list[tuple[object, object]]:
    """Two segments part by part, as the second process reads them and as this one does."""
    first, second = put(tmp_path, "a", 10), put(tmp_path, "b", 5)
    found = []
    with reading_ahead(limit, {first: (second, 0)}) as read:
        for path in (first, second):
            offset, more = 0, True
            while more:
                part, here = read(path, offset), read_by_link(path, offset, limit)
                found.append((listed(part), listed(here)))
                offset, more = part.next_offset, part.more
    return found


def test_what_was_packed_comes_out_the_same(tmp_path: Path) -> None:
    path = put(tmp_path, "a", 7)
    data = bytearray(path.read_bytes())
    data[len(MAGIC) + 3 + 30] ^= 1
    path.write_bytes(bytes(data[:-1]))
    found = read_by_link(path, 0, 100)
    assert found.damaged
    assert found.torn_bytes
    assert listed(unpacked(packed(found))) == listed(found)


def test_hits_come_by_link_and_then_by_time(tmp_path: Path) -> None:
    links = dict(read_by_link(put(tmp_path, "a", 7), 0, 100).links())
    assert list(links) == ["code0", "code1", "code2"]
    assert [one.agents for one in links.values()] == [("ä 6", "ä 3", "ä 0"), ("ä 4", "ä 1"), ("ä 5", "ä 2")]
    assert all(list(one.at_us) == sorted(one.at_us) for one in links.values())


def test_the_other_process_reads_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    parts = both(tmp_path, 4)
    assert len(parts) == 5
    assert all(there == here for there, here in parts)
    assert not caplog.records, "it did not work, and was done without"


def test_what_was_not_foreseen_is_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, other = put(tmp_path, "a", 9), put(tmp_path, "b", 3)
    with reading_ahead(4, {}) as read:
        monkeypatch.setattr(ahead, "read_by_link", None)  # all of it is read there
        read(path, 0)
        assert sum(read(other, 0).sizes) == 3
        assert sum(read(path, 0).sizes) == 4


@pytest.mark.parametrize("program", [DIES, "raise SystemExit(3)"])
def test_when_it_dies_the_rest_is_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, program: str
) -> None:
    monkeypatch.setattr(ahead, "_CHILD", [sys.executable, "-c", program])
    with caplog.at_level(logging.WARNING):
        parts = both(tmp_path, 4)
    assert len(parts) == 5
    assert all(there == here for there, here in parts)
    assert [one.message for one in caplog.records] == ["the process that reads ahead died, going on without"]


def test_a_strange_file_is_refused_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "a.hits"
    path.write_bytes(b"not ours")
    with reading_ahead(4, {}) as read, pytest.raises(BadInput, match="no segment"):
        read(path, 0)
