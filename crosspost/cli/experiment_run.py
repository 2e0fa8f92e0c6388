"""`crosspost experiment start`, `status` and `stop`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.plan import who
from crosspost.domain.errors import BadInput

if TYPE_CHECKING:
    from crosspost.commands.experiments import Standing, Started


OF_WEEKS = ("kind", "block", "washout", "outcome", "also")
OF_TEXTS = ("posts", "days")


@click.command(epilog="Example: crosspost --brand lea experiment start autumn --network mastodon --weeks 24")
@click.argument("key")
@click.option("--network", "networks", multiple=True, help="A network that takes part; may be repeated (all).")
@click.option("--arm", "arms", multiple=True, metavar="NAME[=TEXT]",
              help="Draw texts, not weeks. A way of wording, as the text of a template: $title, $sentences, $link…; "
                   "NAME alone is the text that the network's template has. Repeat: the first is the control.",
              )  # fmt: skip
@click.option("--posts", type=click.IntRange(1, 10_000), default=24, show_default=True,
              help="With --arm: posts that are planned on each account.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True,
              help="With --arm: whole days after a post in which clicks on its link are counted.")  # fmt: skip
@click.option(
    "--weeks",
    type=click.IntRange(1, 1040),
    default=24,
    show_default=True,
    help="How long it lasts: whole pairs of blocks; of texts, how long posts are drawn.",
)
@click.option("--design", "kind", type=click.Choice(["paired", "bojinov"]), default="paired", show_default=True,
              help="paired: blocks in pairs, one on, one off; bojinov: a fair coin every few weeks.")  # fmt: skip
@click.option("--block", type=int, default=2, show_default=True, help="Weeks of a block, where blocks are paired.")
@click.option("--washout", type=int, default=1, show_default=True,
              help="Weeks after a change that are left out, for the weeks before may still be felt.")  # fmt: skip
@click.option("--outcome", type=click.Choice(["visits", "leads", "clients", "revenue"]), default="leads",
              show_default=True, help="What is counted, in all, from whatever source.")  # fmt: skip
@click.option("--margin", default="20%", show_default=True, help="The smallest rise that would matter to you.")
@click.option("--seed", type=click.IntRange(0, 2**53), help="The seed of the lots (default: one that nobody chose).")
@click.option(
    "--first", help="The Monday it begins on, in the brand's zone (default: the next one); of texts, any day."
)
@click.option("--also", "also", multiple=True, metavar="BRAND",
              help="Another brand that takes part, with coins of its own; may be repeated.")  # fmt: skip
@json_option
@click.pass_obj
def start(app: App, key: str, networks: tuple[str, ...], arms: tuple[str, ...], posts: int, days: int, weeks: int,
          kind: str, block: int, washout: int, outcome: str, margin: str, seed: int | None, first: str | None,
          also: tuple[str, ...], as_json: bool) -> None:  # fmt: skip
    """Draw the weeks, lock them, and let the scheduler keep them: in an off week nothing planned goes out.

    With --arm, texts are drawn: each new teaser on the account gets one of the texts, by lot, when it is planned, as
    with --arm plain --arm asking='Et vous ? $title $link'. A new line in a text is written \\n.
    """
    from crosspost.audit.experiments.design import Design, Kind, Statistic
    from crosspost.cli.experiment import share
    from crosspost.commands import experiments

    refuse_given(OF_WEEKS if arms else OF_TEXTS, "draws weeks" if arms else "goes with --arm")
    networks = networks or experiments.networks_of(app.store, app.brand)
    seed = experiments.new_seed() if seed is None else seed
    if arms:
        from crosspost.commands.text_start import Asked
        from crosspost.commands.text_start import start as start_texts

        asked = Asked(_texts(arms), networks, posts, weeks, days, share(margin), seed, _day(first))
        _started(
            [start_texts(app.store, app.brand, key, asked, app.settings.hypotheses_dir, app.settings.templates_dir,
                         app.clock.now(), who=who())],
            f"draws texts for {weeks} weeks", "posts", as_json=as_json,
        )  # fmt: skip
        return
    strata = [app.brand, *(app.store.brand(slug) for slug in also)]
    if len({one.id for one in strata}) < len(strata):
        raise BadInput("a brand is named twice", remedy="name each once")
    chosen = Kind(kind)
    design = Design(
        chosen, weeks, networks, seed, block=block, carry_over=washout, outcome=outcome, margin=share(margin),
        statistic=Statistic.MEANS if chosen is Kind.PAIRED else Statistic.HAJEK,
    )  # fmt: skip
    made = experiments.start(
        app.store, strata, key, design, _day(first), app.settings.hypotheses_dir, app.clock.now(), who=who()
    )
    _started(made, f"runs {weeks} weeks", "weeks", as_json=as_json)


def refuse_given(names: tuple[str, ...], why: str) -> None:
    """Options of the other kind of experiment, which would be left out in silence."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = {"kind": "design"}.get(name, name).replace("_", "-")
            raise BadInput(f"--{option} {why}", remedy="leave it out")


def _texts(arms: tuple[str, ...]) -> dict[str, str | None]:
    """Texts by the name of their arm; None for a name alone."""
    found: dict[str, str | None] = {}
    for one in arms:
        told, given, text = one.partition("=")
        if (name := told.strip()) in found:
            raise BadInput(f"the arm {name!r} is named twice", remedy="give each a name of its own")
        found[name] = text.replace("\\n", "\n") if given else None
    return found


def _started(made: Sequence[Started], how: str, told_by_seed: str, *, as_json: bool) -> None:
    if as_json:
        emit_json([
            {"brand": one.brand.slug, "key": one.experiment.key, "hash": one.hash, "seed": one.seed, "file": one.file,
             "first_day": one.experiment.first_day.isoformat(), "ends_at": one.experiment.ends_at,
             "accounts": [f"{each.network} {each.handle}" for each in one.accounts]}
            for one in made
        ])  # fmt: skip
        return
    for one in made:
        who_is_in = ", ".join(f"{each.network} {each.handle}" for each in one.accounts)
        click.echo(
            f"{one.brand.slug}: {one.experiment.key} {how} from {one.experiment.first_day} on {printable(who_is_in)}\n"
            f"  hash {one.hash}\n"
            f"  file {one.file} (its seed tells the {told_by_seed} to come: who writes posts should not open it)"
        )


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is not a day", remedy="write 2026-01-05, a Monday") from None


@click.command(epilog="Example: crosspost --brand lea experiment status")
@click.option("--unblind", metavar="KEY",
              help="Show this one's outcomes before its end. It is recorded, and later reports say so.")  # fmt: skip
@json_option
@click.pass_obj
def status(app: App, unblind: str | None, as_json: bool) -> None:
    """Show past weeks and the present one, and whether they went as drawn; of texts, how many posts each got.

    What is still to come is not shown.
    """
    from crosspost.commands import experiments

    found = experiments.status(app.store, app.brand, app.clock.now(), unblind=unblind, who=who())
    if as_json:
        emit_json([_fields(one) for one in found])
        return
    if not found:
        click.echo("no experiment was started: crosspost experiment start KEY")
    for one in found:
        _show(one)


def _show(one: Standing) -> None:
    from crosspost.commands.experiments import obedience

    how_far = f"week {one.week} of {one.design.get('weeks')}"
    if one.arms:
        how_far = f"{sum(arm.drawn for arm in one.arms)} posts drawn, {one.design.get('posts')} planned on each account"
    click.echo(f"{one.experiment.key}: {one.state}, {how_far}, hash {one.hash}")
    for said in _remarks(one):
        click.echo(f"  {printable(said)}")
    if one.arms:
        _show_arms(one)
        return
    emit_table("weeks", ("week", "from", "account", "drawn", "posts", "as drawn"), [
        (week.number, week.period.start, f"{week.account.network} {week.account.handle}", week.arm, week.posts,
         {True: "yes", False: "no", None: "not over"}[week.obeyed])
        for week in sorted(one.weeks, key=lambda week: (week.number, week.account.id))
    ], empty="the first one is still to come")  # fmt: skip
    for what, number in sorted(obedience(one.weeks).items()):
        click.echo(f"  {what}: {number}")
    if one.outcomes is not None:
        columns = ("visits", "leads", "clients", "revenue_minor")
        emit_table("outcomes, from all sources", ("network", "week", "drawn", *columns), [
            (week.network, week.number, week.arm, *(getattr(week, name) for name in columns))
            for week in one.outcomes.weeks
        ])  # fmt: skip


def _show_arms(one: Standing) -> None:
    emit_table("texts", ("arm", "drawn", "out as drawn", "out otherwise", "waiting", "never went out"), [
        (arm.arm, arm.drawn, arm.as_drawn, arm.otherwise, arm.waiting, arm.never) for arm in one.arms
    ])  # fmt: skip
    if one.outcomes is not None:
        emit_table("clicks, of people", ("network", "account", "post", "drawn", "as drawn", "clicks"), [
            (post.network, post.account, post.number, post.arm,
             {True: "yes", False: "no", None: "not out"}[post.as_drawn], post.clicks)
            for post in one.outcomes.posts
        ])  # fmt: skip


def _remarks(one: Standing) -> list[str]:
    found = []
    if one.experiment.stopped_at is not None:
        found.append(f"stopped early, exploratory: {one.experiment.stopped_why}")
    if one.experiment.unblinded_at is not None:
        found.append(f"outcomes were looked at before the end, on {one.experiment.unblinded_at:%Y-%m-%d}: exploratory")
    found += [
        f"{account.network} {account.handle} was connected later, and keeps the weeks from week {number} on"
        for account, number in one.joined
    ]
    return found


def _fields(one: Standing) -> dict[str, object]:
    from crosspost.commands.experiments import obedience

    outcomes = None if one.outcomes is None else [asdict(post) for post in one.outcomes.posts] if one.arms else [
        {"network": week.network, "number": week.number, "arm": week.arm, "visits": week.visits, "leads": week.leads,
         "clients": week.clients, "revenue_minor": week.revenue_minor, "reasons": dict(week.reasons)}
        for week in one.outcomes.weeks
    ]  # fmt: skip
    return {
        "key": one.experiment.key, "hash": one.hash, "state": one.state, "week": one.week,
        "of": one.design.get("weeks"), "first_day": one.experiment.first_day.isoformat(),
        "ends_at": one.experiment.ends_at, "remarks": _remarks(one), "obedience": dict(obedience(one.weeks)),
        "weeks": [
            {"number": week.number, "start": week.period.start, "end": week.period.end,
             "network": week.account.network, "account": week.account.handle, "arm": week.arm, "posts": week.posts,
             "obeyed": week.obeyed}
            for week in one.weeks
        ],
        "arms": [asdict(arm) for arm in one.arms],
        "outcomes": outcomes,
    }  # fmt: skip


@click.command(epilog='Example: crosspost --brand lea experiment stop autumn --why "a big order, I must post"')
@click.argument("key")
@click.option("--why", required=True, help="The reason, for every later report.")
@json_option
@click.pass_obj
def stop(app: App, key: str, why: str, as_json: bool) -> None:
    """Stop an experiment before its end: what follows is exploratory, and says so."""
    from crosspost.commands import experiments

    found = experiments.stop(app.store, app.brand, key, why, app.clock.now(), who=who())
    if as_json:
        emit_json({"key": key, "stopped_at": found.stopped_at, "why": found.stopped_why})
    else:
        click.echo(f"{key} stopped: nothing is held or drawn for it any more; its result is exploratory")


COMMANDS = (start, status, stop)
