"""The command line: arguments → commands → exit code. Everything is put together here, as late as possible."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point. Exit codes: 0 done, 1 the answer is no, 2 bad input, 3 not found, 4 conflict, 5 not allowed,
    6 something outside did not answer, 70 a fault of crosspost itself, 130 interrupted."""
    from crosspost.cli.root import run

    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))
