"""Reports of many brands in processes of their own: one that fails is told and the others go on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crosspost.domain.errors import BadInput
from crosspost.report.many import Job, write_all, write_apart
from crosspost.report.write import Written
from tests.report import made


def foreign(folder: Path) -> Path:
    """A folder that no report may replace."""
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    return folder


def test_an_error_of_the_other_process_comes_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        write_apart(Job(made.nothing(), foreign(tmp_path / "a")))
    assert caught.value.message == "holds other things (mine.txt)"
    assert caught.value.remedy == "name a folder of its own"
    assert (tmp_path / "a" / "mine.txt").read_text() == "mine"


def test_jobs_are_asked_for_as_there_is_room_and_each_is_told(tmp_path: Path) -> None:
    asked: list[int] = []
    ahead = []

    def jobs() -> Iterator[Job]:
        for number in range(9):
            asked.append(number)
            yield Job(made.nothing(), foreign(tmp_path / str(number)))

    for done, (_, outcome) in enumerate(write_all(jobs(), workers=1), start=1):
        ahead.append(len(asked) - done)
        assert isinstance(outcome, BadInput)
    assert len(ahead) == 9
    assert max(ahead) <= 2


@pytest.mark.long
def test_one_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    jobs = [Job(made.nothing(), foreign(tmp_path / "a")), Job(made.nothing(), tmp_path / "b")]
    outcomes = {job.folder.name: outcome for job, outcome in write_all(jobs)}
    assert isinstance(outcomes["a"], BadInput)
    assert isinstance(outcomes["b"], Written)
    assert (tmp_path / "b" / "report.pdf").is_file()
