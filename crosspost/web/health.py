"""Is everything at work? For a monitor as JSON, for a person as a page."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from crosspost.commands.fold import lag
from crosspost.hitlog.reader import missed
from crosspost.store.database import Database
from crosspost.store.installation import HEARTBEAT, get

TICK_LATE_S = 120
LAG_MUCH = 64 * 1024 * 1024  # bytes, some 200,000 hits


@dataclass(frozen=True, slots=True)
class Health:
    """`missed` are visitors sent on without their hit on disk, over all time; None: not known just now."""

    status: str
    problems: tuple[str, ...]
    last_tick: str | None
    missed: int | None
    fold_lag_bytes: int | None
    links: int

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"problems": list(self.problems)}

    def as_html(self) -> str:
        rows = "".join(
            f"<tr><th>{html.escape(name.replace('_', ' '))}</th><td>{html.escape(_shown(value))}</td></tr>"
            for name, value in self.as_json().items()
        )
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>crosspost: '
            f"{html.escape(self.status)}</title><h1>crosspost</h1><table>{rows}</table></html>"
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read from disk and database."""

    last_tick: datetime | None
    missed: int
    lag_bytes: int


def gather(database: Database, hits_dir: Path) -> Facts:
    """Read the facts. Blocks; raises what the database raises."""
    with database.read() as connection:
        tick = get(connection, HEARTBEAT)
    return Facts(tick[1] if tick else None, missed(hits_dir), lag(database, hits_dir))


def assess(facts: Facts | None, links: int, now: datetime) -> Health:
    """What the facts mean; None when the database did not answer."""
    if facts is None:
        return Health("attention", ("the database does not answer",), None, None, None, links)
    problems = []
    if facts.last_tick is None:
        problems.append("the scheduler has never ticked: start `crosspost run`")
    elif (now - facts.last_tick).total_seconds() > TICK_LATE_S:
        problems.append("the scheduler has not ticked for two minutes: is `crosspost run` alive?")
    if facts.missed:
        problems.append(f"{facts.missed} visitors were sent on without their hit on disk: is the disk slow or full?")
    if facts.lag_bytes > LAG_MUCH:
        problems.append("many hits wait to be folded in")
    return Health(
        "attention" if problems else "ok",
        tuple(problems),
        facts.last_tick.isoformat() if facts.last_tick else None,
        facts.missed,
        facts.lag_bytes,
        links,
    )


def _shown(value: object) -> str:
    if value is None:
        return "not known"
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)
