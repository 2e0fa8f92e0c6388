"""The command line: arguments → commands → exit code. Everything is put together here, as late as possible."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

# Objects between two searches for garbage that refers to itself. A command makes hardly any, and its modules and rows
# stay: at Python's own 700, searching takes a twelfth of what an audit's start does.
BETWEEN_SEARCHES = 50_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point. Exit codes: 0 done, 1 the answer is no, 2 bad input, 3 not found, 4 conflict, 5 not allowed,
    6 something outside did not answer, 70 a fault of crosspost itself, 130 interrupted."""
    gc.set_threshold(BETWEEN_SEARCHES)
    from crosspost.cli.root import run

    code = run(list(sys.argv[1:] if arguments is None else arguments))
    # What is left ends with the process. Python would search all of it several times first: a seventh of an audit's
    # time. Files and connections are closed by those who opened them.
    gc.freeze()
    sys.exit(code)
