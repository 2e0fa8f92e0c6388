"""`crosspost experiment`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.experiment_run import COMMANDS, refuse_given
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.domain.errors import BadInput, Conflict, NotFound

if TYPE_CHECKING:
    from crosspost.audit.experiments.answer import Answer
    from crosspost.audit.experiments.design import Design
    from crosspost.audit.experiments.power import World
    from crosspost.audit.ledger import Experiment

KINDS = ("paired", "bojinov")
MOST = 1e9  # a week: beyond, counts cannot be made up


@click.group(epilog="Example: crosspost experiment plan --per-week 5 --weeks 26")
def experiment() -> None:
    """Weeks of posting, or texts, drawn by lot: what could be seen, and what was."""


@experiment.command("plan", epilog="Example: crosspost experiment plan --per-week 5 --weeks 26 --json")
@click.option("--per-week", type=click.FloatRange(min=0, min_open=True), help="Outcomes a week without posting.")
@click.option("--past", type=click.Path(path_type=Path, dir_okay=False), help="A table of past weeks, to measure by.")
@click.option("--outcome", default="leads", show_default=True, help="Of the table or the brand's own weeks.")
@click.option("--weeks", default=26, show_default=True, type=click.IntRange(1, 1040), help="How long it may last.")
@click.option("--design", "kind", default="paired", show_default=True, type=click.Choice(KINDS), help="How to draw.")
@click.option("--block", default=2, show_default=True, type=click.IntRange(1, 52), help="Weeks of a block.")
@click.option("--washout", default=1, show_default=True, type=click.IntRange(0, 51), help="Weeks carried over.")
@click.option("--margin", default="20%", show_default=True, help="The smallest rise of interest.")
@click.option("--accounts", default=1, show_default=True, type=click.IntRange(1, 50), help="Drawn together, pooled.")
@click.option("--per-post", type=click.FloatRange(min=0, min_open=True),
              help="Of two texts by lot, not of weeks: clicks a post.")  # fmt: skip
@click.option("--posts", type=click.IntRange(1, 1040), default=24, show_default=True,
              help="With --per-post: posts planned on each account.")  # fmt: skip
@json_option
@click.pass_obj
def plan(app: App, per_week: float | None, past: Path | None, outcome: str, weeks: int, kind: str, block: int,
         washout: int, margin: str, accounts: int, per_post: float | None, posts: int,
         as_json: bool) -> None:  # fmt: skip
    """Say before a week is spent what could be seen at your level, by trying the analysis on 4,000 made-up runs.

    The level is --per-week, or measured in a table of past weeks, or in the brand's own; of texts, --per-post.
    """
    from crosspost.audit.experiments.plan import TEXTS_NOISE, look, of_texts
    from crosspost.audit.experiments.power import World

    if per_post is not None:
        refuse_given(("per_week", "past", "outcome", "weeks", "kind", "block", "washout"), "is of weeks")
        weeks, design = posts, of_texts(posts, accounts, share(margin))
        world, noise = World(_level(per_post, "post"), memory=0.0), TEXTS_NOISE
    else:
        refuse_given(("posts",), "goes with --per-post")
        design = _design(kind, weeks, block, washout, outcome, share(margin))
        design.check_can_reject() if accounts == 1 else None
        world, noise = _world(app, per_week, past, outcome)
    found = look(design, world, accounts=accounts, noise=noise, texts=per_post is not None)
    if as_json:
        emit_json(found.as_dict())
        return
    click.echo(found.sentence)
    emit_table("Share of runs in which the rise is seen", ("rise", "seen", "ends supported", "ends refuted"), [
        (f"{100 * rise:+.0f} %", *(f"{100 * value:.0f} %" for value in (seen.power, seen.supported, seen.refuted)))
        for rise, seen in ((0.0, found.nothing), *found.rises)
    ])  # fmt: skip
    if design.weeks < weeks:
        unit, whole = ("weeks", "pairs or coins") if per_post is None else ("posts", "blocks")
        click.echo(f"{design.weeks} of {weeks} {unit} can be used: they must fill whole {whole}")
    click.echo(f"noise: {noise}")


@experiment.command("analyse", epilog="Example: crosspost experiment analyse weeks.csv --json")
@click.argument("file")
@click.option("--outcome", "outcomes", multiple=True, help="Only this column (repeat for more).")
@click.option("--margin", help="The smallest rise of interest, of the off weeks' mean (20%, or as it was locked).")
@click.option("--design", "kind", type=click.Choice(KINDS), help="How weeks were drawn, where the table does not say.")
@click.option(
    "--block", default=2, show_default=True, type=click.IntRange(1, 52), help="With --design: weeks of a block."
)
@click.option("--washout", type=click.IntRange(0, 51), help="Weeks carried over: dropped, or looked back on.")
@click.option("--weeks", "planned", type=click.IntRange(1, 1040), help="How many weeks were planned.")
@click.option("--control", help="The arm that others are compared with.")
@click.option("--baseline", help="A column fixed before the start, which is subtracted.")
@click.option("--also", multiple=True, metavar="BRAND", help="Another brand it ran in: tested together.")
@json_option
@click.pass_obj
def analyse(app: App, file: str, outcomes: tuple[str, ...], margin: str | None, kind: str | None, block: int,
            washout: int | None, planned: int | None, control: str | None, baseline: str | None,
            also: tuple[str, ...], as_json: bool) -> None:  # fmt: skip
    """Test each outcome of a table of weeks or persons exactly as the lots were drawn.

    Weeks have the columns week, posting, pair or randomised_here, and outcomes; persons have arm and outcomes. In place
    of FILE, the key of an experiment of the brand: it is analysed as it was locked, once it is over.
    """
    from crosspost.audit.experiments.answer import MARGIN
    from crosspost.audit.experiments.design import Kind
    from crosspost.audit.experiments.weeks import Plan
    from crosspost.commands.experiment_files import Asked, analyse_file

    if not Path(file).exists() and Path(file).name == file and not Path(file).suffix:
        if any(one is not None for one in (margin, kind, washout, planned, control, baseline)):
            raise BadInput(
                "an experiment is analysed as it was locked", remedy="leave out all but --outcome and --also"
            )
        answers, held = of_brands(app, file, also, outcomes)
    else:
        held = MARGIN if margin is None else share(margin)
        how = None if kind is None else Kind(kind)
        answers = analyse_file(Path(file), Asked(Plan(washout, held, planned), outcomes, how, block, control, baseline))
    if as_json:
        emit_json({name: answer.as_dict() for name, answer in answers.items()})
        return
    for answer in answers.values():
        show(answer, held)


def of_brands(app: App, key: str, also: tuple[str, ...], outcomes: tuple[str, ...]) -> tuple[dict[str, Answer], float]:
    """The answers of an experiment that crosspost ran, by outcome and, if there are several, network; its margin.

    Raises NotFound where a brand has none of that key, Conflict before its end.
    """
    from crosspost.audit.experiments.section import answered
    from crosspost.audit.experiments.text_design import is_of_texts
    from crosspost.commands.ledger import gather

    now = app.clock.now()
    mine = []
    for brand in (app.brand, *(app.store.brand(slug) for slug in also)):
        one = next((one for one in gather(app.store, brand, now).experiments if one.key == key), None)
        if one is None:
            raise NotFound(
                f"no file and no experiment of {brand.slug} is called {key!r}", remedy="see: experiment status"
            )
        if one.stopped_at is None and now < one.ends_at and one.unblinded_at is None:
            raise Conflict(f"{key} runs until {one.ends_at:%Y-%m-%d}", remedy="it is looked at once, at its end")
        if not one.weeks and not is_of_texts(one.design):
            raise Conflict(f"no week of {key} is over", remedy="wait for one")
        mine.append(one)
    if is_of_texts(mine[0].design):
        return _of_texts(mine, outcomes)
    found = answered(*mine, currency=app.brand.currency)
    _check_outcomes(outcomes, [name for _, answers, _ in found for name in answers])
    return {
        f"{name}, {network}" if len(found) > 1 else name: answer
        for network, answers, _ in found
        for name, answer in answers.items()
        if not outcomes or name in outcomes
    }, found[0][2].margin


def _of_texts(experiments: Sequence[Experiment], outcomes: tuple[str, ...]) -> tuple[dict[str, Answer], float]:
    """The answer of the text that decides, with every arm's beside it."""
    from dataclasses import replace

    from crosspost.audit.experiments.text_design import OUTCOME, text_design_of
    from crosspost.audit.experiments.text_section import answered

    if len(experiments) > 1:
        raise BadInput("texts are drawn in one brand", remedy="leave out --also")
    design = text_design_of(experiments[0].design)
    found = answered(experiments[0], design)
    arms = {arm: one.as_dict() for arm, one in found.arms.items()}
    told = replace(found.deciding, verdict=found.verdict, others={"arms": arms})
    _check_outcomes(outcomes, [OUTCOME])
    return {OUTCOME: told}, design.margin


def _check_outcomes(asked: Sequence[str], known: Sequence[str]) -> None:
    """Raises BadInput for an outcome that the experiment does not have: an answer without it would look complete."""
    for name in asked:
        if name not in known:
            raise BadInput(
                f"{name!r} is no outcome of this experiment", remedy=f"one of: {', '.join(dict.fromkeys(known))}"
            )


def show(answer: Answer, margin: float) -> None:
    """One outcome, for people."""
    from crosspost.audit.experiments.answer import sentence

    click.echo(f"{answer.verdict.value.upper()}: {printable(answer.outcome)}")
    click.echo(f"  {printable(sentence(answer, margin))}")
    obedience = answer.about.get("obedience")
    if obedience:
        click.echo(f"  obedience: {obedience['obeyed']} of {obedience['weeks']} weeks went as planned")
    left_out = answer.about.get("left_out", ())
    if isinstance(left_out, int):
        left_out = [f"{left_out} blocks: one of the two texts has no clicks that are known"] if left_out else []
    for told in left_out:
        click.echo(f"  left out: {printable(told)}")
    for name, other in answer.others.items():
        if name != "arms" and other is not None:
            click.echo(f"  {name.replace('_', ' ')}: {other.estimate:+.4g}, p = {other.p}")
    arms = answer.others.get("arms", {})
    if len(arms) > 1:
        emit_table("Each arm against the control", ("arm", "estimate", "interval", "p", "p (Holm)", "verdict"), [
            (arm, one["estimate"], one["interval"], one["p"], one["p_holm"], one["verdict"])
            for arm, one in arms.items()
        ])  # fmt: skip


def share(text: str) -> float:
    """A margin: 20%, or 0.20. Raises BadInput."""
    plain = text.strip().rstrip(" %\u00a0\u202f")
    try:
        found = Decimal(plain) / (100 if text.strip().endswith("%") else 1)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or not 0 < found <= 100:
        raise BadInput(f"{text!r} is not a rise", remedy="give a share such as 20%, or 0.20")
    return float(found)


def _design(kind: str, weeks: int, block: int, washout: int, outcome: str, margin: float) -> Design:
    from crosspost.audit.experiments.design import Design, Kind, Statistic
    from crosspost.audit.experiments.power import fitting

    made = Kind(kind)
    fits = fitting(made, weeks, block, washout) or weeks  # a design that nothing fits is refused as it was asked for
    statistic = Statistic.MEANS if made is Kind.PAIRED else Statistic.HAJEK
    return Design(made, fits, ("any",), 0, block, washout, outcome, margin, statistic)


def _level(told: float, unit: str) -> float:
    if not told <= MOST:  # not a number is neither over nor under
        raise BadInput(f"{told} a {unit} is no level", remedy=f"give a number up to {MOST:,.0f}")
    return told


def _world(app: App, per_week: float | None, past: Path | None, outcome: str) -> tuple[World, str]:
    """The world to try in, and where its noise comes from."""
    from crosspost.audit.experiments.power import World, measured, noise_of

    if per_week is not None:
        if past is not None:
            raise BadInput("the level is told twice", remedy="give either --per-week or --past")
        return World(_level(per_week, "week")), noise_of([])
    if past is not None:
        from crosspost.commands.experiment_files import past_weeks

        series = past_weeks(past, outcome)
    else:
        from crosspost.commands.experiment_files import weekly
        from crosspost.commands.ledger import gather

        now = app.clock.now()
        series = weekly(gather(app.store, app.brand, now), outcome, now)
    return measured(series), noise_of(series)


for _command in COMMANDS:
    experiment.add_command(_command)
