"""`crosspost attribute`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crosspost.cli.output import emit_json, emit_table, json_option, printable


@click.command(epilog="Example: crosspost attribute paths.csv --json")
@click.argument("path", metavar="PATHS", type=click.Path(path_type=Path))
@click.option("--separator", default=">", show_default=True, help="What stands between the channels of a path.")
@click.option("--half-life", type=float, default=1.0, show_default=True,
              help="Steps before the last touch that halve its weight in time_decay.")  # fmt: skip
@click.option("--resamples", type=click.IntRange(0, 100_000), default=0, show_default=True,
              help="Resamples of the journeys, for intervals; 1000 is usual.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), help="Of folds and resamples (default: always the same).")
@click.option("--order", type=click.IntRange(1, 3),
              help="Only a chain of this order: what tens of millions of rows give in seconds.")  # fmt: skip
@json_option
def attribute(path: Path, separator: str, half_life: float, resamples: int, seed: int | None, order: int | None,
              as_json: bool) -> None:  # fmt: skip
    """Share out the conversions of a file of paths, under every model side by side.

    The file has the columns path (channels joined by >), total_conversions and, where known, total_conversion_value
    and total_null. It is CSV, a workbook, or Parquet, and may have millions of rows. Credit describes journeys; it
    does not say what would be without a channel.
    """
    from crosspost.audit.section import SEED
    from crosspost.commands.attribute import attribute as credit_of
    from crosspost.commands.attribute import chained
    from crosspost.domain.errors import BadInput

    if not separator.strip():
        raise BadInput("channels need something between them", remedy="give --separator, such as '>'")
    if order is not None:
        if resamples or seed is not None or half_life != 1:
            raise BadInput("--order is of one chain alone", remedy="leave --half-life, --resamples and --seed out")
        _show_chain(chained(path, order, separator=separator.strip()), as_json=as_json)
        return
    found = credit_of(path, separator=separator.strip(), half_life=half_life, resamples=resamples,
                      seed=SEED if seed is None else seed)  # fmt: skip
    shown = found.as_dict()
    if as_json:
        emit_json(shown)
        return
    models = shown["models"]
    names = sorted(shown["band"], key=lambda name: (-models["markov_1"][name], name))
    emit_table(f"Conversions by channel, of {shown['conversions']:,.10g}", ("channel", *models, "band"), [
        (name, *(_cell(figures.get(name)) for figures in models.values()),
         "–".join(_cell(end) or "" for end in shown["band"][name]))
        for name in names
    ])  # fmt: skip
    emit_table("Removal effects by order of chain", ("channel", *shown["removal_effects"]), [
        (name, *(_cell(figures[name]) for figures in shown["removal_effects"].values())) for name in names
    ])  # fmt: skip
    first = shown["first_under_every_model"]
    click.echo(
        f"every model puts first: {printable(first)}" if first is not None else "the models do not agree who is first"
    )
    if shown["best_order"]:
        click.echo(f"journeys held out are foretold best by a chain of order {shown['best_order']}")
    for note in shown["notes"]:
        click.echo(f"note: {printable(note)}")


def _show_chain(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit_json(shown)
        return
    ((model, credit),), (effects,) = shown["models"].items(), shown["removal_effects"].values()
    names = sorted(credit, key=lambda name: (-credit[name], name))
    emit_table(f"Conversions by channel, of {shown['conversions']:,.10g}", ("channel", model, "removal effect"), [
        (name, _cell(credit[name]), _cell(effects[name])) for name in names
    ])  # fmt: skip
    for note in shown["notes"]:
        click.echo(f"note: {printable(note)}")


def _cell(figure: float | None) -> str | None:
    return None if figure is None else f"{figure:.4g}"
