"""`crosspost check`."""

from __future__ import annotations

import click

from crosspost.cli.account import parse_settings
from crosspost.cli.output import emit_json, emit_table, given_text, json_option, printable
from crosspost.domain.errors import BadInput
from crosspost.networks import NETWORKS


@click.command(epilog='Example: crosspost check --network x --text "Bonjour… https://example.org" --json')
@click.option("--network", required=True, type=click.Choice(list(NETWORKS)), help="Whose rules.")
@click.option("--text", help="The text to measure.")
@click.option("--text-file", help="A UTF-8 file to measure; - for standard input.")
@click.option("--setting", "settings", multiple=True, help="The account's override, such as text_limit=25000.")
@click.option("--reply", is_flag=True, help="As a first comment.")
@json_option
def check(network: str, text: str | None, text_file: str | None, settings: tuple[str, ...], reply: bool,
          as_json: bool) -> None:  # fmt: skip
    """Measure a text in the network's own unit, and say what the network would refuse."""
    from crosspost.commands.check import check as measure

    words = given_text(text, text_file)
    if words is None:
        raise BadInput("which text?", remedy="give either --text or --text-file")
    result = measure(network, words, parse_settings(settings), reply=reply)
    if as_json:
        emit_json(result.as_dict())
    else:
        fields = result.as_dict()
        emit_table(network, ("unit", "length", "at most"), [
            (limit["unit"], limit["length"], limit["max"]) for limit in fields["limits"]
        ])  # fmt: skip
        for problem in fields["problems"]:
            click.echo(f"problem: {printable(problem)}")
