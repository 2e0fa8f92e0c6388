"""`crosspost networks`."""

from __future__ import annotations

from typing import Any

import click

from crosspost.cli.output import emit_json, emit_table, json_option, printable


@click.command(epilog="Example: crosspost networks bluesky --json")
@click.argument("network", required=False)
@json_option
def networks(network: str | None, as_json: bool) -> None:
    """What each network offers, needs and limits, from the code itself."""
    from crosspost.commands.capabilities import (
        METRICS,
        capabilities,
        offers,
        told_alt,
        told_auth,
        told_images,
        told_placements,
        told_text,
    )

    found = capabilities(network)
    if as_json:
        emit_json(found)
        return
    emit_table("networks", ("network", "kind", "posts", "delete", "read back"), [
        (one["title"], one["kind"] if not one.get("closed_on") else f"closed {one['closed_on']}",
         "by hand" if one["kind"] == "manual" else _yes(one["publish"]), _yes(one.get("delete")),
         _yes(one.get("list_posts")))
        for one in found
    ])  # fmt: skip
    shown = [
        (one["title"], told_images(one), told_alt(one), told_placements(one), one.get("card"))
        for one in found if one["kind"] != "closed"
    ]  # fmt: skip
    if shown:
        emit_table("images and links", ("network", "images", "alt text", "link in", "card by"), shown)
    classes = [
        (one["title"], row["variant"] or None, row["class"], row["link"].replace("none", "not in it"))
        for one in found for row in one.get("delivery_class", [])
    ]  # fmt: skip
    if network and classes:
        emit_table("after a request without an answer", ("network", "of", "delivery class", "link"), classes)
    numbers = [
        (one["title"], ", ".join(name.replace("_", " ") for name in METRICS if offers(one, name)))
        for one in found if one.get("metrics", {}).get("post")
    ]  # fmt: skip
    if numbers:
        emit_table("numbers of a post", ("network", "told"), numbers)
    emit_table("what it takes", ("network", "connects by", "cost", "review", "text", "read on"), [
        (one["title"], told_auth(one), one.get("cost"), one.get("review"), told_text(one) or None, one.get("read_on"))
        for one in found
    ])  # fmt: skip
    if not network:
        click.echo("one network with its secrets, metrics, prices and classes: crosspost networks NAME")
    if network:
        _one(found[0])


def _yes(value: Any) -> str | None:
    return None if value is None else "yes" if value else "no"


def _kept(kept: dict[str, Any]) -> None:
    """How long what its API told may be kept; without a rule, for ever."""
    rules = [
        (rule["what"], rule["of"] or None, f"{hours} hours" if hours < 72 else f"{hours // 24} days")
        for rule in kept["rules"]
        if (hours := rule["hours"])
    ]
    if kept["deleted_hours"] is not None:
        rules.append(("all of a post that was deleted", None, f"{kept['deleted_hours']} hours"))
    if rules:
        emit_table("how long what was read is kept", ("what", "of", "at most"), rules)
    note = f" ({printable(kept['note'])})" if kept["note"] else ""
    click.echo(f"kept by: {printable(kept['source'])}, read {kept['read_on']}{note}")


def _one(entry: dict[str, Any]) -> None:
    if entry.get("needs"):
        emit_table("secrets to connect (on standard input)", ("name", "what it is"), list(entry["needs"].items()))
    if entry["kind"] == "manual":
        name = entry["network"]
        click.echo(f"crosspost account connect {name} --handle NAME reads nothing: you post by hand what is prepared,")
        click.echo("and type the numbers (crosspost reading add) or import them")
    for about, metrics in (entry.get("metrics") or {}).items():
        if not metrics:
            continue
        title = "metrics of a post" if about == "post" else "metrics of the account"
        emit_table(title, ("metric", "of", "its own name", "why not"), [
            (one["metric"], one["of"] or None, one["provider_name"] or None, one["reason"]) for one in metrics
        ])  # fmt: skip
    if login := entry.get("login"):
        emit_table("a login asks for", ("to", "permissions"), [
            ("read", ", ".join(login["reading"])), ("post", ", ".join(login["writing"])),
        ])  # fmt: skip
        click.echo(f"login from: {printable(login['source'])}, read {login['read_on']}")
    if entry.get("options"):
        emit_table("what else may be said of a post (--option)", ("name", "values"), [
            (name, ", ".join(values) or "any text") for name, values in entry["options"].items()
        ])  # fmt: skip
    if kept := entry.get("retention"):
        _kept(kept)
    if entry.get("prices"):
        prices = entry["prices"]
        emit_table("prices (override: --setting price_…)", ("action", prices["currency"]), list(prices["each"].items()))
        click.echo(f"prices from: {printable(prices['source'])}, read {prices['read_on']}")
    if "server" in entry:
        click.echo(f"server: {entry['server'] or 'the one you name with --server'}")
    click.echo(f"{'closed' if 'closed_on' in entry else 'limits'} by: {printable(entry['source'])}")
    if "facts" in entry:
        click.echo(f"facts from: {printable(entry['facts']['source'])}, read {entry['facts']['read_on']}")
