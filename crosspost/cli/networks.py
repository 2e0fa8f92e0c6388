"""`crosspost networks`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from crosspost.cli.output import emit_json, emit_table, json_option


def _offered(one: dict[str, Any]) -> tuple[str, str]:
    return "yes" if one["publish"] else "no", "yes" if one["measure"] else "no"


# Who posts, and where its numbers come from.
_BY: dict[str, Callable[[dict[str, Any]], tuple[str, str]]] = {
    "connector": _offered,
    "manual": lambda one: ("by hand", "typed or imported"),
    "closed": lambda one: ("no", "imported"),
}


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
    emit_table("networks", ("network", "kind", "posts", "metrics", "text", "images", "facts read"), [
        (one["title"], one["kind"], *_BY[one["kind"]](one),
         " and ".join(f"{limit['max']} {limit['unit']}" for limit in one.get("text", ())) or None, one.get("images"),
         one.get("read_on"))
        for one in found
    ])  # fmt: skip
    if not network:
        return
    one = found[0]
    if one["kind"] == "closed":
        click.echo(f"closed on {one['closed_on'] or 'a day that is not known'}: {one['source']}")
    elif one["kind"] == "manual":
        click.echo(f"crosspost account connect {network} --handle NAME reads nothing\nlimits from: {one['source']}")
    else:
        emit_table("secrets to connect (on standard input)", ("name", "what it is"), list(one["needs"].items()))
        click.echo(f"server: {one['server'] or 'the one you name with --server'}\nlimits from: {one['source']}")
