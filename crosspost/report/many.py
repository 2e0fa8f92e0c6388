"""Many reports, each written in a process of its own kind: whoever asks for them draws nothing and grows by nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from crosspost.domain.errors import CrosspostError
from crosspost.report.letterhead import PLAIN, Letterhead

if TYPE_CHECKING:
    from crosspost.audit.results import Audit
    from crosspost.audit.since import Changes
    from crosspost.report.write import Written

# Reports that a process writes before another takes its place. Typst keeps what it compiled, some 160 MB a report, and
# gives nothing back: one process a report stays at what one takes.
_LIFE = 1
_AHEAD = 2  # reports per process that wait: audits are made as they are wanted, not all at once


@dataclass(frozen=True, slots=True)
class Job:
    """What `write` is given."""

    audit: Audit
    folder: Path
    languages: tuple[str, ...] = ("en",)
    letterhead: Letterhead = PLAIN
    changes: Changes | None = None
    summed_up: bool = False


def write_one(job: Job) -> Written:
    """The report of a job, in this process. Raises as `write` does."""
    from crosspost.report.write import write

    return write(
        job.audit, job.folder, languages=job.languages, letterhead=job.letterhead, changes=job.changes,
        summed_up=job.summed_up,
    )  # fmt: skip


def write_apart(job: Job) -> Written:
    """The same in a process that ends with it. Raises as `write` does."""
    [(_, done)] = write_all([job], 1)
    if isinstance(done, CrosspostError):
        raise done
    return done


def write_all(jobs: Iterable[Job], workers: int = 2) -> Iterator[tuple[Job, Written | CrosspostError]]:
    """Write each report in one of `workers` processes, and give each with its job as it is done, in any order.

    A report that cannot be written comes as its error, and the others go on. `jobs` is asked for as there is room.
    """
    source = iter(jobs)
    with ProcessPoolExecutor(workers, get_context("spawn"), max_tasks_per_child=_LIFE) as pool:
        running: dict[Future[Written], Job] = {}
        try:
            while True:
                for job in islice(source, workers * _AHEAD - len(running)):
                    running[pool.submit(write_one, job)] = job
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for one in done:
                    job = running.pop(one)
                    try:
                        yield job, one.result()
                    except CrosspostError as error:
                        yield job, error
        finally:
            with suppress(RuntimeError):
                pool.shutdown(cancel_futures=True)
