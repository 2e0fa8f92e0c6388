"""Files made to harm: each is refused in one sentence, quickly, and by a child that can do nothing else."""

from __future__ import annotations

import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from crosspost.domain.errors import BadInput
from crosspost.imports.read import read_file
from tests.imports.crafted import BOMBS

MAX_S = 2.0  # of processor time, here and in the child
MAX_PEAK = 512_000  # KiB resident
ROOT = Path(__file__).parents[2]

# Refused for what they are, and not because something stumbled later.
SAID = {
    "zip: members that lie on each other": "lie on each other", "zip: locked": "password",
    "zip: a thousand times its size": "times its size", "zip: a member of 70 MB": "more than 64 MB",
    "gzip: 70 MB": "unpacks to more than", "XLSX: two cells with 17 billion between": "cells",
    "XLSX: the same in a member of another name": "cells", "XLSX: a sheet of 70 MB": "more than 64 MB",
    "XLSX: says it has four billion strings": "more than it could", "text: 350,000 rows": "more than",
    **{name: "declares entities" for name in BOMBS if "laughs" in name or "entit" in name},
}  # fmt: skip


def spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_a_sentence_and_in_time(name: str, tmp_path: Path) -> None:
    file = tmp_path / "bomb"
    file.write_bytes(BOMBS[name]())
    before = spent()
    with pytest.raises(BadInput) as refusal:
        read_file(file)
    assert spent() - before <= MAX_S
    assert str(refusal.value).startswith(str(file))
    assert len(refusal.value.message) < 200
    assert "\n" not in str(refusal.value)
    assert refusal.value.remedy
    assert SAID.get(name, "") in refusal.value.message
    assert "cannot be understood" not in refusal.value.message, "a reader's own failure nobody thought of"


def test_no_bomb_took_more_memory_than_is_allowed(tmp_path: Path) -> None:
    # In a process of its own: the system remembers the largest child of a process for as long as it lives.
    program = [sys.executable, "-m", "tests.imports.test_bombs", str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=120, check=True, cwd=ROOT)
    assert 10_000 < int(done.stdout) <= MAX_PEAK


def _print_peak(folder: Path) -> None:
    """The most resident memory of any child that read a bomb, in KiB."""
    for make in BOMBS.values():
        (folder / "bomb").write_bytes(make())
        with suppress(BadInput):
            read_file(folder / "bomb")
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def test_there_are_at_least_forty() -> None:
    assert len(BOMBS) >= 40


if __name__ == "__main__":
    _print_peak(Path(sys.argv[1]))
