"""The suite's own rules: what may be left out, and that with NO_SKIP=1 a skipped test is a failure."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1].parent / "shared"

# Two processes take file after file in this order (with --no-loadscope-reorder): a long one at the end would be run
# by one of them while the other has nothing left to do. The storm comes late enough not to rage beside the demos.
LONGEST_FIRST = {
    name: place
    for place, name in enumerate(
        [
            "tests/test_demo.py",
            "tests/test_canaries.py",
            "tests/counters/test_spark.py",
            "tests/imports/test_fuzz.py",
            "tests/test_restore.py",
            "tests/test_measuring_cli.py",
            "tests/harness/test_storm.py",
            "tests/web/test_description.py",
        ]
    )
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first; tests against the reference folder left out, and counted, where that is absent."""
    items.sort(key=lambda item: LONGEST_FIRST.get(item.location[0], len(LONGEST_FIRST)))
    if SHARED.is_dir():
        return
    left_out = [item for item in items if item.get_closest_marker("shared")]
    if left_out:
        items[:] = [item for item in items if not item.get_closest_marker("shared")]
        config.hook.pytest_deselected(items=left_out)
        config.stash[_LEFT_OUT] = len(left_out)


_LEFT_OUT = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if (count := config.stash.get(_LEFT_OUT, 0)) > 0:
        terminalreporter.write_line(f"{count} tests need the reference folder {SHARED.name}/ and were left out")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", ())) if reporter else 0
    if os.environ.get("NO_SKIP") and skipped:
        print(f"\n{skipped} skipped tests, and NO_SKIP is set: that is a failure")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
