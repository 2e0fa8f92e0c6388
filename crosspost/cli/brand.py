"""`crosspost brand`."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.cli.plan import who
from crosspost.domain.brand import Brand, LinkMode
from crosspost.domain.privacy import Mode, Privacy


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
        click.echo(f"brand {made.slug} added. Next: crosspost --brand {made.slug} account connect NETWORK")


def _chosen(privacy: Privacy) -> dict[str, object]:
    return {
        "visits": privacy.mode.value, "legal_basis": privacy.legal_basis, "sites": list(privacy.sites),
        "keep_referrer": privacy.referrer, "keep_agent": privacy.user_agent, "keep_hits": privacy.keep_hits,
        "keep_visits": privacy.keep_visits,
    }  # fmt: skip


@brand.command("list", epilog="Example: crosspost brand list --json")
@json_option
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """List the brands."""
    from crosspost.commands.privacy import privacy_of

    found = app.store.brands()
    if as_json:
        emit_json([{**_fields(one), **_chosen(privacy_of(app.store, one))} for one in found])
    else:
        columns = ("slug", "name", "zone", "currency", "links", "auto-publish")
        emit_table("brands", columns, [
            (one.slug, one.name, one.zone, one.currency, one.link_mode.value, "yes" if one.auto_publish else "no")
            for one in found
        ], empty='none yet: crosspost brand add "My business"')  # fmt: skip


@brand.command("set", epilog="Example: crosspost --brand lea brand set --auto-publish")
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
@click.option(
    "--visits", type=click.Choice([mode.value for mode in Mode]),
    help="aggregate: nobody is followed; click-id: a click has a name its visit and a lead may carry. docs/visits.md",
)  # fmt: skip
@click.option("--legal-basis", help="In your words, what lets you follow people from a click to a lead.")
@click.option("--site", "sites", multiple=True, help="A host the script runs on, such as example.org; may be repeated.")
@click.option("--no-site", "no_sites", multiple=True, help="A host it no longer runs on; may be repeated.")
@click.option("--keep-referrer/--no-keep-referrer", default=None, help="Whether the site a visit came from is kept.")
@click.option("--keep-agent/--no-keep-agent", default=None, help="Whether the browser's name is kept of a visit.")
@click.option("--keep-hits", type=int, metavar="MONTHS", help="How long hits are kept; counts by day stay (25).")
@click.option("--keep-visits", type=int, metavar="MONTHS", help="How long visits are kept; counts by day stay (25).")
@json_option
@click.pass_obj
def set_(app: App, name: str | None, link_mode: str | None, public_url: str | None, auto_publish: bool | None,
         reactors: bool | None, ask_hours: bool | None, visits: str | None, legal_basis: str | None,
         sites: tuple[str, ...], no_sites: tuple[str, ...], keep_referrer: bool | None, keep_agent: bool | None,
         keep_hits: int | None, keep_visits: int | None, as_json: bool) -> None:  # fmt: skip
    """Change the owner's choices of a brand."""
    from crosspost.commands.privacy import choose, privacy_of, with_changes
    from crosspost.commands.setup import change_brand

    # What may be refused comes before anything is changed.
    privacy = with_changes(
        privacy_of(app.store, app.brand), mode=Mode(visits) if visits else None, legal_basis=legal_basis, sites=sites,
        no_sites=no_sites, referrer=keep_referrer, user_agent=keep_agent, keep_hits=keep_hits, keep_visits=keep_visits,
    )  # fmt: skip
    mode = LinkMode(link_mode) if link_mode else None
    changed = change_brand(
        app.store, app.brand, name=name, link_mode=mode, public_url=public_url, auto_publish=auto_publish,
        reactors=reactors, ask_hours=ask_hours,
    )  # fmt: skip
    choose(app.store, app.brand, privacy, app.clock.now(), who=who())
    if as_json:
        emit_json({**_fields(changed), **_chosen(privacy)})
        return
    click.echo(f"brand {changed.slug} changed")
    if privacy.mode is Mode.CLICK_ID:
        click.echo(f"visits: click-id; legal basis: {printable(privacy.legal_basis)}")
