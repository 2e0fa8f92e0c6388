"""Pipedrive's deals, in English and French. Each is a lead from the day it was made; won ones are deals."""

from __future__ import annotations

from collections.abc import Sequence

from crosspost.domain.business import Deal, Lead, check_deal, check_lead
from crosspost.domain.stage import Reached
from crosspost.domain.telling import channel_told
from crosspost.imports.asking import Left, is_mail, person, reached
from crosspost.imports.dates import instants
from crosspost.imports.numbers import amounts
from crosspost.imports.shape import Context, Facts, Lost, Row
from crosspost.imports.sheet import Sheet


def deals(sheet: Sheet, rows: Sequence[Row], context: Context) -> Facts:
    """The status says won, lost or open; the stage only how far an open one is, where its word is listed."""
    left = Left()
    left.currency(rows, "value", context)
    states = [context.words.stage("deal", row.need("status")) for row in rows]
    left.list("statuses that are in no list, taken as open", (
        row.need("status") for row, state in zip(rows, states, strict=True) if state is None
    ))  # fmt: skip
    times = {name: instants(rows, name, context) for name in ("created", "staged", "won", "lost", "closed")}
    leads: list[tuple[int, Lead]] = []
    won: list[tuple[int, Deal]] = []
    steps: list[tuple[int, str, Reached]] = []
    lost: list[tuple[int, Lost]] = []
    values = amounts(rows, "value", context)
    for at, (row, state) in enumerate(zip(rows, states, strict=True)):
        if state == "none":
            left.out("deals that were deleted")
            continue
        row.need("created")
        created, closed = times["created"][at], times["closed"][at]
        assert created is not None
        who = _person(row, context)
        name = f"pipedrive:{row.need_id('id')}"
        ended = times["lost"][at] or closed
        if state == "lost" and ended is None:
            left.out("lost deals without the day they were lost: left open")
        elif state == "lost" and ended is not None:
            lost.append((row.line, Lost(name, ended, row.get("lost_reason"))))
        told = row.get("told")
        lead = Lead(
            "pipedrive", name, created, channel=context.words.channel(row.get("channel")), told=told,
            told_channel=channel_told(told, context.rules),
            code=context.code(content=row.get("code"), campaign=row.get("code")), person=who,
        )  # fmt: skip
        with row.telling():
            check_lead(lead, context.now)
        leads.append((row.line, lead))
        stage = context.words.stage("deal", row.get("stage")) if state not in ("won", "lost") else None
        if (step := reached(stage, times["staged"][at], values[at])) is not None:
            steps.append((row.line, name, step))
        if state == "won":
            bought = times["won"][at] or closed
            if bought is None:
                row.need("won")
                continue
            deal = Deal("pipedrive", name, bought, values[at], lead_source_id=name, person=who)
            with row.telling():
                check_deal(deal, context.now)
            won.append((row.line, deal))
    return Facts(
        leads=tuple(leads), deals=tuple(won), reached=tuple(steps), lost=tuple(lost), notes=left.notes(),
        totals={"leads": str(len(leads)), "deals": str(len(won))},
    )  # fmt: skip


def _person(row: Row, context: Context) -> str | None:
    """By their mail, where that column was exported; else by what Pipedrive calls them and their organisation.

    Two people of one name in one organisation are one here; one person under two names is two.
    """
    named = [row.get("person") or "", row.get("organisation") or ""]
    if is_mail(row.get("mail")) or not any(named) or context.person is None:
        return person(row, context, row.get("mail"))
    return context.person("pipedrive:" + "|".join(named))
