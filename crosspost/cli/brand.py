"""`crosspost brand`."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option
from crosspost.domain.brand import Brand, LinkMode


def _fields(brand: Brand) -> dict[str, object]:
    return {
        "slug": brand.slug, "name": brand.name, "zone": brand.zone, "language": brand.language,
        "currency": brand.currency, "link_mode": brand.link_mode.value, "public_url": brand.public_url,
        "auto_publish": brand.auto_publish, "reactors": brand.reactors, "ask_hours": brand.ask_hours,
        "id": brand.id,
    }  # fmt: skip


@click.group(epilog='Example: crosspost brand add "Atelier Léa" --zone Europe/Paris')
def brand() -> None:
    """The businesses that are run or audited."""


@brand.command("add", epilog='Example: crosspost brand add "Atelier Léa" --slug lea --currency EUR')
@click.argument("name")
@click.option("--slug", help="Short name for commands and folders; made from the name when not given.")
@click.option("--zone", default="Europe/Paris", show_default=True, help="IANA zone the owner thinks in.")
@click.option("--language", default="fr", show_default=True, help="Language of teasers and reports.")
@click.option("--currency", default="EUR", show_default=True, help="ISO 4217 currency of deals.")
@click.option(
    "--link-mode",
    type=click.Choice([mode.value for mode in LinkMode]),
    default="direct",
    show_default=True,
    help="direct: the article's address with our code; redirect: our short address, which needs a server.",
)
@click.option("--public-url", help="Origin of the short links, such as https://go.example.org.")
@click.option("--auto-publish", is_flag=True, help="Publish planned teasers without approval.")
@json_option
@click.pass_obj
def add(app: App, name: str, slug: str | None, zone: str, language: str, currency: str, link_mode: str,
        public_url: str | None, auto_publish: bool, as_json: bool) -> None:  # fmt: skip
    """Add a brand."""
    from crosspost.commands.setup import add_brand

    made = add_brand(
        app.store, app.clock.now(), name, chosen_slug=slug, zone_name=zone, language=language, currency=currency,
        link_mode=LinkMode(link_mode), public_url=public_url, auto_publish=auto_publish,
    )  # fmt: skip
    if as_json:
        emit_json(_fields(made))
    else:
        click.echo(f"brand {made.slug} added. Next: crosspost account connect NETWORK --brand {made.slug}")


@brand.command("list", epilog="Example: crosspost brand list --json")
@json_option
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """List the brands."""
    found = app.store.brands()
    if as_json:
        emit_json([_fields(one) for one in found])
    else:
        columns = ("slug", "name", "zone", "currency", "links", "auto-publish")
        emit_table("brands", columns, [
            (one.slug, one.name, one.zone, one.currency, one.link_mode.value, "yes" if one.auto_publish else "no")
            for one in found
        ], empty='none yet: crosspost brand add "My business"')  # fmt: skip


@brand.command("set", epilog="Example: crosspost brand set --auto-publish --brand lea")
@click.option("--name", help="Another name.")
@click.option("--link-mode", type=click.Choice([mode.value for mode in LinkMode]), help="direct or redirect.")
@click.option("--public-url", help="Origin of the short links.")
@click.option("--auto-publish/--no-auto-publish", default=None, help="Whether planned teasers go out unapproved.")
@click.option(
    "--reactors/--no-reactors", default=None,
    help="Whether to keep who reacts to posts, as keyed hashes; --no-reactors forgets those that are kept.",
)  # fmt: skip
@click.option(
    "--ask-hours/--no-ask-hours", default=None,
    help="Whether to be asked, once a week, how many hours went to each connected network.",
)  # fmt: skip
@json_option
@click.pass_obj
def set_(app: App, name: str | None, link_mode: str | None, public_url: str | None, auto_publish: bool | None,
         reactors: bool | None, ask_hours: bool | None, as_json: bool) -> None:  # fmt: skip
    """Change the owner's choices of a brand."""
    from crosspost.commands.setup import change_brand

    mode = LinkMode(link_mode) if link_mode else None
    changed = change_brand(
        app.store, app.brand, name=name, link_mode=mode, public_url=public_url, auto_publish=auto_publish,
        reactors=reactors, ask_hours=ask_hours,
    )  # fmt: skip
    if as_json:
        emit_json(_fields(changed))
    else:
        click.echo(f"brand {changed.slug} changed")
