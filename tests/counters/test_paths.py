"""Files of paths counted by DuckDB against the same counted row by row."""

from __future__ import annotations

import ctypes
import json
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner

from crosspost.audit.credit import markov, windows
from crosspost.audit.credit import paths as credit_paths
from crosspost.audit.credit.paths import PathCounts, count
from crosspost.cli.attribute import attribute
from crosspost.counters import coding, path_file
from crosspost.counters import duck as engine
from crosspost.counters import paths as counting
from crosspost.counters.arrow import Text
from crosspost.counters.duck import Duck
from crosspost.counters.paths import count_file, window_file
from crosspost.domain.errors import BadInput
from crosspost.imports import paths as reading
from crosspost.imports.paths import columns_of, read_paths

NAMES = (
    "a",
    "email",
    "search engine",
    "邮件",
    "a-channel-with-a-long-name",
    "a-channel-with-a-long-namf",
    "\x01",
    "ab",
)
HEADER = "path,total_conversions,total_conversion_value,total_null\n"


READ: tuple[Any, ...] = (count_file, lambda path, between, columns: window_file(path, between, columns, 1))


def made(file: Path, columns: str) -> Path:
    duckdb.connect().execute(f"COPY (SELECT {columns}) TO '{file}' (FORMAT PARQUET)")
    return file


def text(seed: int, rows: int, between: str = ">") -> str:
    random = Random(seed)
    lines = []
    for _ in range(rows):
        path = between.join(
            " " * random.randrange(3) + random.choice(NAMES) + " " * random.randrange(3)
            for _ in range(random.choice((1, 2, 3, 9, 40)))
        )
        won = random.randrange(4)
        lines.append(f"{path},{won},{random.randrange(1000) / 4 if won else 0},{random.randrange(5)}\n")
    return HEADER + "".join(lines)


def parquet(csv: Path, **kinds: str) -> Path:
    """The same table, its figures of the kinds given."""
    file = csv.with_suffix(".parquet")
    source, target = (str(one).replace("'", "''") for one in (csv, file))
    chosen = ", ".join(f"total_{name}::{kind} AS total_{name}" for name, kind in kinds.items())
    duckdb.connect().execute(
        f"COPY (SELECT path, {chosen} FROM read_csv('{source}', all_varchar = true)) TO '{target}'"
    )
    return file


def same(found: PathCounts, wanted: PathCounts) -> None:
    assert found.channels == wanted.channels
    for name in ("touches", "offsets", "conversions", "value_minor", "nulls"):
        one, other = getattr(found, name), getattr(wanted, name)
        assert one.dtype == other.dtype, name
        np.testing.assert_array_equal(one, other, name)


@pytest.mark.parametrize("between", [">", "->", "::"])
@pytest.mark.parametrize("seed", [1, 2])
def test_counts_are_those_of_the_rows(tmp_path: Path, seed: int, between: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coding, "_SLICE", 500)
    file = tmp_path / "it's paths.csv"
    file.write_text(text(seed, 400, between))
    wanted = read_paths(file, between)
    by_rows = count(wanted.rows)
    for given in (file, parquet(file, conversions="INT", conversion_value="DOUBLE", null="BIGINT")):
        found = count_file(given, between, columns_of)
        assert (found.has_value, found.has_nulls, found.unvalued) == (True, True, wanted.unvalued)
        same(found.counts, by_rows)


@pytest.mark.parametrize(
    "rows", [(), (" a > b",), ("a > b ",), ("a  > b",), ("a>b > c",), ("a  b > c",), ("a >b > c",)]
)
def test_paths_written_plainly_are_those_written_in_any_way(rows: tuple[str, ...]) -> None:
    plain = [" > ".join(NAMES[at] for at in path) for path in ((0,), (1, 2, 4), (5, 4, 3, 6), (6, 6), (7, 0, 7), (5,))]
    written = [*plain[:3], *rows, *plain[3:]]
    encoded = [one.encode() for one in written]
    given = Text(
        np.frombuffer(b"".join(encoded), np.uint8), np.concatenate([[0], np.cumsum([len(one) for one in encoded])])
    )
    coder = coding.Coder(">")
    codes, lengths = coder.coded(given)
    assert (coder._spaced(given.data, given.offsets) is not None) == (not rows)
    found = [coder.names()[code] for code in codes]
    assert found == [name.strip(" ") for one in written for name in one.split(">")]
    assert lengths.tolist() == [one.count(">") + 1 for one in written]


@pytest.mark.parametrize("written", ["a > b, > a", "a, > a > b", "a > > b", "a >  > b", ",a", "a > ,b", ">,a", " > ,a"])
def test_a_path_written_plainly_with_an_empty_name_is_refused(written: str) -> None:
    encoded = [one.encode() for one in written.split(",")]
    given = Text(
        np.frombuffer(b"".join(encoded), np.uint8), np.concatenate([[0], np.cumsum([len(one) for one in encoded])])
    )
    with pytest.raises(BadInput, match="empty|without a name"):
        coding.Coder(">").coded(given)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a > b,x,1,1", "total_conversions is not a plain number in 1 rows"),
        ("a > b,-1,1,1", "total_conversions is below zero"),
        ("a > b,,1,1", "total_conversions is blank in 1 rows, which is not zero"),
        ("a > b,1,1,", "total_null is blank in 1 rows, which is not zero"),
        ("a >  > b,1,1,1", "path 'a >  > b' has a touch without a name"),
        ("a > \u00a0 > b,1,1,1", "a touch without a name"),
        (",1,1,1", "a path is empty"),
        ("a,1e300,1,1", "more than 2^53"),
        ("a,inf,1,1", "total_conversions is not a plain number in 1 rows"),
        ("a,1,nan,1", "total_conversion_value is not a plain number in 1 rows"),
        ("a,1,1", "not all its rows have as many cells as the first"),
        (f"{'x' * 1025},1,1,1", "a channel's name has 1,025 bytes"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_the_file(tmp_path: Path, row: str, said: str) -> None:
    file = tmp_path / "paths.csv"
    file.write_text(f"{HEADER}search,1,1,1\n{row}\n", encoding="utf-8")
    with pytest.raises(BadInput) as error:
        count_file(file, ">", columns_of)
    assert said in str(error.value)
    assert "paths.csv" in str(error.value)


@pytest.mark.parametrize("path", ["''", "NULL", "' '"])
def test_a_file_of_empty_paths_alone_is_refused(tmp_path: Path, path: str) -> None:
    file = made(tmp_path / "paths.parquet", f"{path} AS path, 1 AS conversions")
    for read in READ:
        with pytest.raises(BadInput, match=r"paths\.parquet: a path is empty"):
            read(file, ">", columns_of)


@pytest.mark.parametrize("path", ["['a', 'b']", "{'first': 'a'}", "MAP {1: 'a'}"])
def test_paths_that_are_lists_are_refused(tmp_path: Path, path: str) -> None:
    file = made(tmp_path / "paths.parquet", f"{path} AS path, 1 AS conversions")
    with pytest.raises(BadInput, match=r"paths\.parquet: path is of lists, not of text"):
        count_file(file, ">", columns_of)


def test_a_folder_called_like_a_column_is_no_column(tmp_path: Path) -> None:
    folder = tmp_path / "path=b" / "value=7"
    folder.mkdir(parents=True)
    csv = folder / "paths.csv"
    csv.write_text("path,conversions\na,1\n")
    for file in (csv, made(folder / "paths.parquet", "'a' AS path, 1 AS conversions")):
        for read in READ:
            found = read(file, ">", columns_of)
            assert (found.has_value, found.counts.channels if read is count_file else found.channels) == (False, ("a",))


def test_other_columns_may_have_any_name(tmp_path: Path) -> None:
    file = made(tmp_path / "paths.parquet", "'a' AS path, 1 AS conversions, 5 AS walked, 6 AS \"1\"")
    assert count_file(file, ">", columns_of).counts.converted() == 1


@pytest.mark.parametrize("rows", [
    "'tis > b',1,1,1\n'a',2,2,2\n" * 9,
    "#a > b,1,1,1\n#,2,2,2\n" * 9,
    "a > b,1,1,1\n" * 25_000 + "\"a, b\",1,1,1\n\"so-called \"\"c\"\"\",1,1,1\n",
])  # fmt: skip
def test_marks_of_csv_are_the_usual_ones_whatever_a_file_begins_with(tmp_path: Path, rows: str) -> None:
    file = tmp_path / "paths.csv"
    file.write_text(HEADER + rows)
    same(count_file(file, ">", columns_of).counts, count(read_paths(file).rows))


def test_rows_of_another_length_are_told_of_wherever_they_are(tmp_path: Path) -> None:
    file = tmp_path / "paths.csv"
    file.write_text(HEADER + "a > b,1,1,1\n" * 25_000 + "a,1,1\n")
    with pytest.raises(BadInput, match=r"paths\.csv: .*Line: 25002, Expected Number of Columns: 4 Found: 3 .*alike"):
        count_file(file, ">", columns_of)


def test_halves_that_are_whole_together_are_counted_as_whole(tmp_path: Path) -> None:
    file = tmp_path / "paths.csv"
    file.write_text(HEADER + "a,0.5,0.25,1.5\na,0.5,0.75,0.5\nb,1,1,1\n")
    same(count_file(file, ">", columns_of).counts, count(read_paths(file).rows))


@pytest.mark.parametrize("written", [b"", b"PAR1 and no more", b"channel,clicks\nx,1\n", HEADER.encode()])
@pytest.mark.parametrize("name", ["paths.csv", "paths.parquet"])
def test_a_file_without_paths_is_refused(tmp_path: Path, written: bytes, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(written)
    with pytest.raises(BadInput, match=name):
        count_file(file, ">", columns_of)


@pytest.mark.parametrize("seen", [2, 400])
def test_a_file_that_is_written_to_meanwhile_is_refused(
    tmp_path: Path, seen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "paths.csv"
    file.write_text(text(1, 300))
    looked_through = path_file._looked_through
    monkeypatch.setattr(path_file, "_looked_through", lambda *given: replace(looked_through(*given), rows=seen))
    for read in READ:
        with pytest.raises(BadInput, match=r"paths\.csv.*changed while it was read"):
            read(file, ">", columns_of)


def test_a_long_count_draws_no_bar_into_what_is_printed(tmp_path: Path) -> None:
    with Duck.opened() as duck:
        assert duck.asked("SELECT current_setting('enable_progress_bar')::VARCHAR", tmp_path) == [("false",)]


def test_an_engine_of_many_threads_uses_no_more_than_its_memory_is_enough_for(tmp_path: Path) -> None:
    with Duck.opened() as duck:
        for given, used in ((64, 8), (2, 2)):
            duck.asked(f"SET threads = {given}", tmp_path)
            assert len(list(duck.batches("SELECT 1::BIGINT", tmp_path))) == 1
            assert duck.asked("SELECT current_setting('threads')", tmp_path) == [(used,)]


def test_too_little_memory_is_told_of_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_MEMORY", "1MB")
    file = tmp_path / "paths.csv"
    file.write_text(text(1, 3))
    with pytest.raises(BadInput, match=r"paths\.csv: cannot be counted: Out of Memory.*free space on the disk"):
        count_file(file, ">", columns_of)


def test_a_name_with_a_star_is_not_several_files(tmp_path: Path) -> None:
    (tmp_path / "*.csv").write_text(text(1, 3))
    (tmp_path / "b.csv").write_text(text(2, 3))
    with pytest.raises(BadInput, match="rename it"):
        count_file(tmp_path / "*.csv", ">", columns_of)


def test_more_channels_than_are_coded_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coding, "MOST", 5)
    file = tmp_path / "paths.csv"
    file.write_text(text(1, 50))
    with pytest.raises(BadInput, match="more than 5 channels"):
        count_file(file, ">", columns_of)


def test_attribute_says_the_same_of_parquet_and_of_a_large_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "paths.csv"
    file.write_text(text(3, 60))
    kept = parquet(file, conversions="INT", conversion_value="DOUBLE", null="INT")

    def shown(path: Path) -> object:
        done = CliRunner().invoke(attribute, [str(path), "--json"], catch_exceptions=False)
        return json.loads(done.output)

    by_rows = shown(file)
    assert shown(kept) == by_rows
    monkeypatch.setattr(reading, "MAX_ROWS", 30)
    assert reading.is_large(file)
    assert shown(file) == by_rows


@pytest.mark.parametrize("order", [1, 3])
@pytest.mark.parametrize("cents", [1, 0.01, 1 / 7])
def test_a_chain_of_one_order_is_that_of_all_models_whatever_the_order_of_rows(
    tmp_path: Path, order: int, cents: float
) -> None:
    header, *lines = text(4, 3_000).splitlines()
    paths = [(path, won, float(value) * cents, null) for path, won, value, null in (one.split(",") for one in lines)]
    printed = []
    for seed in range(3):
        Random(seed).shuffle(paths)
        file = tmp_path / f"paths{seed}.csv"
        file.write_text("\n".join([header, *(",".join(map(str, one)) for one in paths)]) + "\n")
        kept = parquet(file, conversions="INT", conversion_value="DOUBLE", null="INT")
        printed.append(shown_by(kept, "--order", str(order)))
    assert printed[0] == printed[1] == printed[2]
    whole = shown_by(kept)
    small = shown_by(file, "--order", str(order))
    for found in (printed[0], small):
        of = {name: part for name, part in whole["models"].items() if name == f"markov_{order}"}
        assert same_figures(found["models"], of)
        assert same_figures(found["value"]["models"], {name: whole["value"]["models"][name] for name in of})
        assert same_figures(found["removal_effects"], {str(order): whole["removal_effects"][str(order)]})
        assert (found["conversions"], found["nulls"]) == (whole["conversions"], whole["nulls"])
        assert found["value"]["total"] == pytest.approx(whole["value"]["total"], rel=1e-11)


def test_equal_values_add_up_to_the_last_bit_whatever_the_order_of_rows(tmp_path: Path) -> None:
    random = Random(5)
    lines = [f"{random.choice('ab')},1,{random.random() * 10 ** random.randrange(9)},0" for _ in range(500)]
    found = []
    for seed in range(3):
        Random(seed).shuffle(lines)
        file = tmp_path / "paths.csv"
        file.write_text(HEADER + "\n".join(lines) + "\n")
        counted, windowed = count_file(file, ">", columns_of).counts, window_file(file, ">", columns_of, 1)
        found.append((counted.value_minor.tolist(), windowed.windows.ends.result()[1].tolist()))
    assert found[0] == found[1] == found[2]


def test_fractions_add_up_to_the_last_bit_however_many_parts_they_are_added_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credit_paths, "_PART", 500)
    random = Random(6)
    parts = [random.choices((0.1, 0.7, 1 / 3), k=3) for _ in range(3)]
    lines = [
        f"{'>'.join(random.choices('abcde', k=1 + at % 8))},{','.join(map(str, random.choice(parts)))}"
        for at in range(2_000)
    ]
    found = []
    for seed in range(3):
        Random(seed).shuffle(lines)
        file = tmp_path / "paths.csv"
        file.write_text(HEADER + "\n".join(lines) + "\n")
        of = window_file(file, ">", columns_of, 2).windows
        found.append([[one.tolist() for one in sums.result()] for sums in (of.moves, of.starts, of.ends)])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("worth", [0, 20])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_windows_of_a_file_are_those_of_its_rows_however_late_a_name_is_met(
    tmp_path: Path, order: int, worth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_SLICE", "_LEAST", "_FIRST"):
        monkeypatch.setattr(coding, name, 300)
    monkeypatch.setattr(windows, "_TABLE", 20_000)  # some counts in a table, some sorted
    monkeypatch.setattr(windows, "_APART", 50)
    monkeypatch.setattr(counting, "_SAMPLED", 4_000)  # of as many rows: nearly every path comes again, or none
    monkeypatch.setattr(counting, "_WORTH", worth)
    random = Random(order)
    names = [f"c{at}" for at in range(30)] + [f"\u00a0c{at}" for at in range(0, 30, 7)]
    lines = []
    for at in range(1_500 if worth else 150):
        for _ in range(1 if worth else 30):
            path = " > ".join(Random(at).choices(names[: at * 35 // (1_500 if worth else 150) + 1], k=1 + at % 9))
            lines.append(f"{path},{random.randrange(3)},{random.randrange(900) / 100},{random.choice((0, 0, 1, 7))}\n")
    file = tmp_path / "paths.csv"
    file.write_text(HEADER + "".join(lines), encoding="utf-8")
    wanted = count(read_paths(file).rows)
    found = window_file(parquet(file, conversions="INT", conversion_value="DOUBLE", null="INT"), ">", columns_of, order)
    assert (found.channels, found.parts) == (wanted.channels, 100)
    by_rows = windows.windows_of(replace(wanted, value_minor=np.rint(wanted.value_minor * 100)), order)
    for sums in ("moves", "starts", "ends"):
        for one, other in zip(getattr(found.windows, sums).result(), getattr(by_rows, sums).result(), strict=True):
            before = 1 if sums == "moves" else 0  # what comes from no window
            np.testing.assert_array_equal(one[..., before:], other[..., before:])


def test_what_a_single_chain_has_no_use_for_is_refused(tmp_path: Path) -> None:
    (tmp_path / "paths.csv").write_text(text(1, 3))
    for more in (("--resamples", "10"), ("--seed", "1"), ("--half-life", "2")):
        with pytest.raises(BadInput, match="one chain alone"):
            shown_by(tmp_path / "paths.csv", "--order", "1", *more)


def test_a_chain_that_would_take_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markov, "_MOST_WORK", 10)
    monkeypatch.setattr(markov, "DENSE", 10)
    file = tmp_path / "paths.csv"
    file.write_text(HEADER + "".join(f"c{at} > c{at + 1},1,1,1\n" for at in range(100)))
    with pytest.raises(BadInput, match="too many to remove one by one"):
        shown_by(file, "--order", "2")


def shown_by(file: Path, *options: str) -> dict[str, Any]:
    done = CliRunner().invoke(attribute, [str(file), *options, "--json"], catch_exceptions=False)
    found: dict[str, Any] = json.loads(done.output)
    return found


def same_figures(found: dict[str, dict[str, float]], wanted: dict[str, dict[str, float]]) -> bool:
    assert found.keys() == wanted.keys()
    return all(found[name] == pytest.approx(wanted[name], rel=1e-11, abs=1e-11) for name in wanted)


def test_a_new_name_in_the_place_of_a_known_one_is_not_taken_for_it() -> None:
    known = coding._Known.of([b"ab"])
    known.table[:] = 0  # every place leads to the one name that is known
    words = np.array([int.from_bytes(one, "little") for one in (b"ab", b"cd", b"abc")], np.uint64)
    assert coding._looked_up(known, [coding._Words(None, words)], np.array([2, 2, 3])).tolist() == [0, -1, -1]


@pytest.mark.parametrize(
    ("most", "asked"),
    [
        (1 << 30, [(-3, 1 << 30), (-1, 1 << 30)]),
        (1 << 25, [(-3, 1 << 30), (-3, 1 << 25), (-1, 1 << 30)]),  # glibc before 2.35
        (0, [(-3, 1 << 30), (-3, 1 << 25)]),  # then the other would do harm
    ],
)
def test_memory_is_kept_as_far_as_the_c_library_allows(
    most: int, asked: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []

    def switch(parameter: int, value: int) -> int:
        heard.append((parameter, value))
        return int(parameter == -1 or value <= most)

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(mallopt=switch))
    coding.keep_memory()
    assert heard == asked


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_memory_is_as_it_was_where_there_is_no_such_switch(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(_: None) -> object:
        if platform == "win32":
            raise TypeError("there it cannot be opened")
        return object()

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", opened)
    coding.keep_memory()
