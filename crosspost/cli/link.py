"""`crosspost link`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.plan import who
from crosspost.domain.errors import BadInput, Conflict
from crosspost.domain.traffic import Judgement, as_range, people

if TYPE_CHECKING:
    from crosspost.commands.links import ShownLink

_KINDS = {".png": "png", ".svg": "svg"}


def _fields(one: ShownLink) -> dict[str, object]:
    link, (surely, possibly) = one.link, people(one.hits)
    return {
        "code": link.code, "url": one.address, "target": link.target, "network": one.network,
        "account_id": link.account_id, "delivery_id": link.delivery_id, "created_at": link.created_at,
        "disabled_at": link.disabled_at, "people": surely, "possibly": possibly,
        "previews": one.hits.get(Judgement.PREVIEW, 0), "crawlers": one.hits.get(Judgement.CRAWLER, 0),
    }  # fmt: skip


def _say(one: ShownLink, as_json: bool) -> None:
    if as_json:
        emit_json(_fields(one))
        return
    emit_table(f"link {one.link.code}", ("what", "value"), [
        *((name.replace("_", " "), value) for name, value in _fields(one).items())
    ])  # fmt: skip


@click.group(epilog="Example: crosspost link add https://blog.example/printemps --slug spring")
def link() -> None:
    """Short links of your own: made, shown, switched off, and drawn as QR codes."""


@link.command("list", epilog="Example: crosspost link list --json")
@json_option
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """The brand's links, oldest first: those of its posts, and those you made."""
    from crosspost.commands.links import all_links

    found = all_links(app.store, app.brand)
    if as_json:
        emit_json([_fields(one) for one in found])
        return
    emit_table(f"links of {app.brand.slug}", ("code", "network", "people", "leads to", "off since"), [
        (one.link.code, one.network, as_range(one.hits), one.link.target, one.link.disabled_at) for one in found
    ], empty="none yet")  # fmt: skip


@link.command("show", epilog="Example: crosspost link show spring")
@click.argument("name", metavar="LINK")
@json_option
@click.pass_obj
def show(app: App, name: str, as_json: bool) -> None:
    """One link and its hits. LINK is its code or its short address."""
    from crosspost.commands.links import one_link

    _say(one_link(app.store, app.brand, name), as_json)


@link.command("add", epilog="Example: crosspost link add https://blog.example/printemps --slug spring")
@click.argument("target", metavar="URL")
@click.option("--slug", help="The code to answer at, such as spring; a random one when not given.")
@click.option("--account", help="The account it is for: its clicks count for that network.")
@click.option("--tag", is_flag=True, help="Add our UTM parameters to the address, for the account's network.")
@json_option
@click.pass_obj
def add(app: App, target: str, slug: str | None, account: str | None, tag: bool, as_json: bool) -> None:
    """Register a link that leads to URL, and to nothing else. It answers within a second."""
    from crosspost.commands.links import add_link

    on = app.connector.account(app.brand, account) if account else None
    made = add_link(app.store, app.brand, target, app.clock.now(), who=who(), chosen=slug, account=on, tag=tag)
    if as_json:
        emit_json(_fields(made))
    else:
        shown = made.address or f"/{made.link.code} (crosspost brand set --public-url … gives it an address)"
        click.echo(f"{printable(shown)} → {printable(made.link.target)}")


@link.command("disable", epilog="Example: crosspost link disable spring")
@click.argument("name", metavar="LINK")
@json_option
@click.pass_obj
def disable(app: App, name: str, as_json: bool) -> None:
    """Answer a link as if nobody had registered it. Its code stays taken, and its counts stay."""
    from crosspost.commands.links import switch_link

    _say(switch_link(app.store, app.brand, name, app.clock.now(), who=who(), on=False), as_json)


@link.command("enable", epilog="Example: crosspost link enable spring")
@click.argument("name", metavar="LINK")
@json_option
@click.pass_obj
def enable(app: App, name: str, as_json: bool) -> None:
    """Let a link that was switched off answer again."""
    from crosspost.commands.links import switch_link

    _say(switch_link(app.store, app.brand, name, app.clock.now(), who=who(), on=True), as_json)


@link.command("qr", epilog="Example: crosspost link qr spring --out poster.svg")
@click.argument("name", metavar="LINK")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="The file to write: a name that ends with .png or .svg.")  # fmt: skip
@click.option("--scale", type=click.IntRange(1, 100), default=10, show_default=True,
              help="Pixels (of an SVG: units) to a module, the smallest square.")  # fmt: skip
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@json_option
@click.pass_obj
def qr(app: App, name: str, out: Path, scale: int, force: bool, as_json: bool) -> None:
    """Draw a link's short address as a QR code: error level M, with its white margin.

    A scan counts as a click on this link: make one link for each place where a code is printed.
    """
    from crosspost.commands.links import draw, one_link

    found = one_link(app.store, app.brand, name)
    kind = _KINDS.get(out.suffix.lower())
    if kind is None:
        raise BadInput(f"{out.name!r} is neither a PNG nor an SVG", remedy="end the name with .png or .svg")
    if found.address is None:
        raise BadInput(
            "the link has no address to draw", remedy="crosspost brand set --public-url https://go.example.org"
        )
    if out.exists() and not force:
        raise Conflict("the file exists", where=str(out), remedy="name a new one, or say --force")
    try:
        out.write_bytes(draw(found.address, kind, scale))
    except OSError as error:
        raise BadInput(f"cannot be written ({error.strerror})", where=str(out), remedy="check the path") from None
    if as_json:
        emit_json({"file": str(out), "url": found.address, "kind": kind})
    else:
        click.echo(f"{printable(out)}: {printable(found.address)}")
