"""A kept run of `calibration` as the table of docs/calibration.md, so that the page says what the file holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BEGIN, END = "<!-- calibration -->\n", "<!-- end of calibration -->\n"


def table(kept: Mapping[str, Any]) -> str:
    """The kept run in Markdown: a line on its size, a row for each audit, and what is beyond a bound."""
    audits: Mapping[str, Mapping[str, Any]] = kept["audits"]
    error = next(iter(audits.values()))["simulation_error"]
    lines = [
        f"{kept['worlds']:,} worlds of each kind, by one run of one command: `{kept['command']}`.",
        f"Figures are the worst over the kinds; by chance 5 % may be {100 * (0.05 + error):.1f} %.",
        "",
        "| Audit | False verdicts | Coverage | Right (promised) | Width | Passes | Strictly |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in audits.items():
        share = {key: _percent(one[key]) for key in ("false_verdicts", "coverage", "right_verdicts", "promised")}
        width = "not asked" if one["width_ratio"] is None else f"{one['width_ratio']:.2f}"
        lines.append(
            f"| {name} | {share['false_verdicts']} | {share['coverage']} | {share['right_verdicts']} "
            f"({share['promised']}) | {width} | {_yes(one['passes'])} | {_yes(one['passes_strictly'])} |"
        )
    beyond = [f"- {name}, {told}." for name, one in audits.items() if one["passes"] for told in one["allowed"]]
    lines += ["", "Beyond a bound by no more than chance allows:", "", *(beyond or ["- nothing."])]
    return "\n".join(lines) + "\n"


def _percent(share: float | None) -> str:
    return "not asked" if share is None else f"{100 * share:.1f} %"


def _yes(passes: bool) -> str:
    return "yes" if passes else "no"


def put(found: str, page: str) -> str:
    """The page with the table between its marks."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + found + END + rest.split(END)[1]
