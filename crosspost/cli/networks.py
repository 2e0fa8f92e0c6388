"""`crosspost networks`."""

from __future__ import annotations

import click

from crosspost.cli.output import emit_json, emit_table, json_option


@click.command(epilog="Example: crosspost networks bluesky --json")
@click.argument("network", required=False)
@json_option
def networks(network: str | None, as_json: bool) -> None:
    """What each network offers, needs and limits."""
    from crosspost.commands.capabilities import capabilities

    found = capabilities(network)
    if as_json:
        emit_json(found)
        return
    emit_table("networks", ("network", "posts", "metrics", "text", "images", "facts read"), [
        (one["title"], "yes" if one["publish"] else "no", "yes" if one["measure"] else "no",
         " and ".join(f"{limit['max']} {limit['unit']}" for limit in one["text"]), one["images"], one["read_on"])
        for one in found
    ])  # fmt: skip
    if network:
        one = found[0]
        emit_table("secrets to connect (on standard input)", ("name", "what it is"), list(one["needs"].items()))
        click.echo(f"server: {one['server'] or 'the one you name with --server'}\nlimits from: {one['source']}")
