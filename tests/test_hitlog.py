from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosspost.domain.errors import BadInput
from crosspost.domain.traffic import Hit
from crosspost.hitlog import writer as writer_module
from crosspost.hitlog.frame import MARK
from crosspost.hitlog.reader import missed, read, segments
from crosspost.hitlog.record import CAPS, MAGIC, decode, encode
from crosspost.hitlog.writer import HitWriter

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)


def a_hit(number: int = 0) -> Hit:
    return Hit(
        NOW + timedelta(seconds=number),
        f"code{number}",
        "GET",
        "l.example",
        "Mozilla/5.0 é",
        "https://r.example/",
        "",
        "fr",
    )


def a_segment(folder: Path, hits: int) -> tuple[Path, list[int]]:
    """A segment and the offset of each record, the end included."""
    data, starts = MAGIC + b"{}\n", []
    for number in range(hits):
        starts.append(len(data))
        data += encode(a_hit(number))
    path = folder / "one.hits"
    path.write_bytes(data)
    return path, [*starts, len(data)]


def write(writer: HitWriter, hits: list[Hit]) -> list[bool]:
    async def run() -> list[bool]:
        answers = await asyncio.gather(*(writer.append(hit) for hit in hits))
        await writer.close()
        return answers

    return asyncio.run(run())


texts = st.text(max_size=80)


@given(st.builds(Hit, st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC)), *[texts] * 7))
def test_a_record_reads_back_without_controls_and_within_the_caps(hit: Hit) -> None:
    data = encode(hit)
    found = decode(data, 0)
    assert found is not None
    back, end = found
    assert (end, back.at) == (len(data), hit.at)
    for name, cap in CAPS.items():
        text = getattr(back, name)
        assert len(text) <= cap
        assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text)
    assert MARK not in data[4:], "a visitor could forge a record"


def test_ordinary_text_is_kept_whole_and_long_text_cut() -> None:
    back, _ = decode(encode(a_hit()), 0) or (None, 0)
    assert back == a_hit()
    long = Hit(NOW, "c" * 99, "PROPPATCHX", "h" * 999, "é" * 9999, "r" * 9999, "p" * 999, "l" * 99)
    back, _ = decode(encode(long), 0) or (None, 0)
    assert back is not None
    assert {name: len(getattr(back, name)) for name in CAPS} == CAPS


def test_a_forged_record_inside_a_header_is_not_found(tmp_path: Path) -> None:
    forged = encode(Hit(NOW, "forged", "GET", "", "", "", "", "")).decode("latin-1")
    sneaky = encode(Hit(NOW, "real", "GET", "", forged, "", "", ""))
    path = tmp_path / "one.hits"
    broken = bytearray(sneaky)
    broken[9] ^= 0xFF  # its own head is damaged: the reader has to search
    path.write_bytes(MAGIC + b"{}\n" + bytes(broken) + encode(a_hit(1)))
    assert [hit.code for _, hit in read(path).hits] == ["code1"]


def test_a_tail_torn_at_every_byte_is_recognised_and_finished_later(tmp_path: Path) -> None:
    path, offsets = a_segment(tmp_path, 3)
    whole = path.read_bytes()
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        part = read(path)
        complete = sum(end <= size for end in offsets[1:])
        assert [hit for _, hit in part.hits] == [a_hit(number) for number in range(complete)]
        assert part.damaged == ()
        assert part.next_offset + part.torn_bytes == size
        path.write_bytes(whole)
        rest = read(path, part.next_offset)
        assert len(part.hits) + len(rest.hits) == 3
        assert rest.torn_bytes == 0


def test_any_damaged_byte_costs_one_record_and_is_reported(tmp_path: Path) -> None:
    path, offsets = a_segment(tmp_path, 4)
    whole = path.read_bytes()
    for position in range(offsets[1], offsets[3]):
        broken = bytearray(whole)
        broken[position] ^= 0x41
        path.write_bytes(bytes(broken))
        part = read(path)
        lost = 1 if position < offsets[2] else 2
        assert [hit for _, hit in part.hits] == [a_hit(number) for number in range(4) if number != lost]
        [damage] = part.damaged
        assert (damage.segment, damage.offset, damage.length) == (
            "one", offsets[lost], offsets[lost + 1] - offsets[lost],
        )  # fmt: skip


def test_zeros_at_the_end_are_a_torn_tail(tmp_path: Path) -> None:
    path, offsets = a_segment(tmp_path, 2)
    path.write_bytes(path.read_bytes() + bytes(4096))
    part = read(path)
    assert (len(part.hits), part.next_offset, part.torn_bytes, part.damaged) == (2, offsets[-1], 4096, ())


def test_reading_in_parts_gives_the_same(tmp_path: Path) -> None:
    path, offsets = a_segment(tmp_path, 7)
    found, offset, more = [], 0, True
    while more:
        part = read(path, offset, limit=2)
        assert len(part.hits) <= 2
        found += part.hits
        offset, more = part.next_offset, part.more
    assert found == list(zip(offsets, (a_hit(number) for number in range(7)), strict=False))
    assert offset == offsets[-1]


def test_another_file_or_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.hits"
    path.write_bytes(b"crosspost hits 2\n{}\n")
    with pytest.raises(BadInput, match="no segment"):
        read(path)


def test_what_was_appended_is_there_and_synced_in_groups(tmp_path: Path) -> None:
    syncs: list[int] = []

    def sync(descriptor: int) -> None:
        syncs.append(os.fstat(descriptor).st_size)
        os.fsync(descriptor)

    hits = [a_hit(number) for number in range(500)]
    assert write(HitWriter(tmp_path, lambda: NOW, wait_s=30, sync=sync), hits) == [True] * 500
    [path] = segments(tmp_path)
    part = read(path)
    assert [hit for _, hit in part.hits] == hits
    assert part.torn_bytes == 0
    assert len(syncs) < 20, "one sync per hit would be slow"
    assert syncs[-1] == path.stat().st_size, "the last bytes were answered before they were synced"
    assert list(tmp_path.glob("*.missed")) == []


def test_an_answer_comes_after_the_sync(tmp_path: Path) -> None:
    order: list[str] = []

    def sync(descriptor: int) -> None:
        time.sleep(0.02)
        order.append("synced")

    async def run() -> None:
        writer = HitWriter(tmp_path, lambda: NOW, wait_s=30, sync=sync)
        await writer.append(a_hit())
        order.append("answered")
        await writer.close()

    asyncio.run(run())
    assert order == ["synced", "answered"]


def test_a_stalled_disk_keeps_nobody_and_the_misses_are_counted_then_taken_back(tmp_path: Path) -> None:
    release = threading.Event()

    def stalled(_: int) -> None:
        release.wait(10)

    async def run() -> None:
        writer = HitWriter(tmp_path, lambda: NOW, wait_s=0.05, sync=stalled)
        begun = time.monotonic()
        assert await asyncio.gather(*(writer.append(a_hit(n)) for n in range(5))) == [False] * 5
        assert await writer.append(a_hit(5)) is False
        assert time.monotonic() - begun < 2
        assert writer.missed == missed(tmp_path) == 6
        release.set()
        await writer.close()
        assert writer.missed == 0, "they are on disk after all"

    asyncio.run(run())
    assert sum(len(read(path).hits) for path in segments(tmp_path)) == 6
    assert missed(tmp_path) == 0


def failing(times: int) -> Callable[[int], None]:
    left = [times]

    def sync(_: int) -> None:
        if left[0]:
            left[0] -= 1
            raise OSError(28, "No space left on device")

    return sync


def test_a_failed_sync_is_missed_and_its_file_never_written_again(tmp_path: Path) -> None:
    async def run() -> list[bool]:
        writer = HitWriter(tmp_path, lambda: NOW, wait_s=30, sync=failing(1))
        answers = [await writer.append(a_hit(n)) for n in range(3)]
        await writer.close()
        return answers

    assert asyncio.run(run()) == [False, True, True]
    assert missed(tmp_path) == 1
    assert len(segments(tmp_path)) == 2


def test_hits_beyond_the_memory_bound_are_missed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "MAX_WAITING", 3)
    answers = write(HitWriter(tmp_path, lambda: NOW, wait_s=30), [a_hit(n) for n in range(5)])
    assert answers == [True, True, True, False, False]
    assert missed(tmp_path) == 2


def test_segments_end_by_size_and_by_age(tmp_path: Path) -> None:
    at = [NOW]

    async def run() -> None:
        writer = HitWriter(tmp_path, lambda: at[0], wait_s=30, segment_bytes=400, segment_age_s=3600)
        for number in range(4):
            await writer.append(a_hit(number))
        at[0] += timedelta(hours=2)
        await writer.append(a_hit(4))
        await writer.close()

    asyncio.run(run())
    found = [[hit.code for _, hit in read(path).hits] for path in segments(tmp_path)]
    assert sorted(sum(found, [])) == [f"code{n}" for n in range(5)]
    assert ["code4"] in found
    assert len(found) >= 3
    assert all(len(path.stem) <= 64 for path in segments(tmp_path))


CHILD = """
import asyncio, os, sys
from datetime import UTC, datetime
from pathlib import Path
from crosspost.domain.traffic import Hit
from crosspost.hitlog.writer import HitWriter

async def visitor(writer, number):
    while True:
        await writer.append(Hit(datetime.now(UTC), "c", "GET", "h", f"agent {number}", "", "", ""))
        os.write(1, b"x")  # the answer has left

async def main():
    writer = HitWriter(Path(sys.argv[1]), lambda: datetime.now(UTC), wait_s=float(sys.argv[2]))
    await asyncio.gather(*(visitor(writer, number) for number in range(16)))

asyncio.run(main())
"""


@pytest.mark.parametrize("wait_s", ["0.05", "0.0002"], ids=["usual wait", "nearly everybody missed"])
def test_killed_at_any_moment_no_answer_is_without_row_or_miss(tmp_path: Path, wait_s: str) -> None:
    chance = random.Random(20260302)
    total = 0
    for strike in range(4):
        folder = tmp_path / str(strike)
        answers = tmp_path / f"{strike}.answers"
        with answers.open("wb") as file:
            child = subprocess.Popen([sys.executable, "-c", CHILD, str(folder), wait_s], stdout=file)
            deadline = time.monotonic() + 30
            while answers.stat().st_size < 50 and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(chance.uniform(0.02, 0.3))
            os.kill(child.pid, signal.SIGKILL)
            assert child.wait() == -signal.SIGKILL
        answered = answers.stat().st_size
        parts = [read(path) for path in segments(folder)]
        rows = sum(len(part.hits) for part in parts)
        assert all(part.damaged == () for part in parts)
        assert answered <= rows + missed(folder)
        total += answered
    assert total >= 200, "too few answers to prove anything"
