"""What a command loads before it does anything: half of an audit's second is imports, and one line brings back many."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest

from tests.home import Home

_LOADED = "import sys; from crosspost.cli.root import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
# Of libraries: what the database, the figures and the files of an audit do without.
_LIBRARIES = (
    "alembic", "sqlalchemy.orm", "scipy.special", "numpy.ma", "numpy.f2py", "pandas", "duckdb", "ibis",
    "adbc_driver_sqlite", "matplotlib", "PIL", "jinja2", "babel", "typst", "regex", "httpx", "requests",
    "tweepy", "starlette", "apscheduler", "cryptography", "feedparser", "bs4",
)  # fmt: skip
# Of ours: what posting, collecting and judging take, and what only a brand has that does more than to be audited.
_OURS = (
    "crosspost.networks", "crosspost.outside", "crosspost.hitlog", "crosspost.vault", "crosspost.web", "crosspost.logs",
    "crosspost.domain.delivery", "crosspost.domain.judging", "crosspost.domain.login", "crosspost.store.deliveries",
    "crosspost.store.flights", "crosspost.store.experiments", "crosspost.commands.experiment_weeks",
    "crosspost.commands.consulting", "crosspost.commands.verify", "crosspost.report.charts", "crosspost.report.write",
)  # fmt: skip


def loaded_by(*arguments: str) -> set[str]:
    ran = subprocess.run([sys.executable, "-c", _LOADED, *arguments], capture_output=True, text=True, timeout=60)
    return set(ran.stderr.split())


@pytest.fixture
def audited(home: Home) -> Home:
    """A brand with enough leads for every figure of credit, of which half were won."""
    first = date(2025, 1, 6)
    lines = ["lead,contacted_at,channel,touchpoints,won_at,amount,currency"]
    for at in range(120):
        day, channel = first + timedelta(days=at), ("x", "referral", "search", "")[at % 4]
        won = f"{day + timedelta(days=5)},{at + 100},EUR" if at % 2 else ",,"
        lines.append(f"L{at},{day},{channel},mastodon > {channel or 'x'},{won}")
    (home.folder / "leads.csv").write_text("\n".join(lines))
    home("import", "leads.csv")
    home("effort", "add", "x", "20", "--week-of", "2025-02-03")
    return home


@pytest.mark.usefixtures("audited")
@pytest.mark.parametrize("shape", [(), ("--json",)])
def test_an_audit_loads_what_it_counts_with_and_no_more(shape: tuple[str, ...]) -> None:
    loaded = loaded_by("audit", "--out", "out", *shape)
    assert {"crosspost.audit.run", "crosspost.commands.bundle", "numpy", "sqlalchemy"} <= loaded
    assert not loaded & {*_LIBRARIES, *_OURS}
    assert ("rich" in loaded) is not bool(shape)  # it lays tables, for people


def test_status_asks_what_ends_and_opens_no_connection(home: Home) -> None:
    loaded = loaded_by("status")
    assert "crosspost.commands.status" in loaded
    assert not loaded & {*_LIBRARIES, "numpy", "scipy", "smtplib", "crosspost.vault", "crosspost.commands.connect"}
