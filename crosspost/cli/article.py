"""`crosspost article`."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, emit_table, json_option, printable
from crosspost.domain.article import Decision


@click.group(epilog="Example: crosspost article list --decision new")
def article() -> None:
    """The articles read, and what was decided of each."""


@article.command("list", epilog="Example: crosspost article list --decision seeded --json")
@click.option("--decision", type=click.Choice([one.value for one in Decision]), help="Only those.")
@json_option
@click.pass_obj
def list_(app: App, decision: str | None, as_json: bool) -> None:
    """List the brand's articles."""
    from crosspost.store.articles import articles

    with app.store.read(app.brand.id) as scope:
        found = articles(scope, Decision(decision) if decision else None)
    if as_json:
        emit_json([
            {"id": one.id, "title": one.article.title, "url": one.article.url, "decision": one.decision.value,
             "reason": one.reason, "published_at": one.article.published_at} for one in found
        ])  # fmt: skip
    else:
        emit_table("articles", ("id", "published", "title", "decision", "why"), [
            (one.id, one.article.published_at, one.article.title, one.decision.value, one.reason) for one in found
        ], empty="none yet: crosspost source read")  # fmt: skip


def _decide(app: App, article_id: str, decision: Decision, reason: str, as_json: bool) -> None:
    from crosspost.store.articles import decide, named

    with app.store.write(app.brand.id) as scope:
        found = named(scope, article_id)
        decide(scope, article_id, decision, reason)
    if as_json:
        emit_json({"id": article_id, "decision": decision.value, "reason": reason})
    else:
        click.echo(f"{printable(found.article.title)}: {decision.value}")


@article.command("announce", epilog="Example: crosspost article announce 06h0d3h1rtheaepdte2rj8p403")
@click.argument("article_id", metavar="ID")
@json_option
@click.pass_obj
def announce(app: App, article_id: str, as_json: bool) -> None:
    """Have a seeded or skipped article planned like a new one."""
    _decide(app, article_id, Decision.NEW, "asked for by the owner", as_json)


@article.command("skip", epilog="Example: crosspost article skip 06h0d3h1rtheaepdte2rj8p403 --why old")
@click.argument("article_id", metavar="ID")
@click.option("--why", default="by the owner", show_default=True, help="The reason to keep.")
@json_option
@click.pass_obj
def skip(app: App, article_id: str, why: str, as_json: bool) -> None:
    """Do not announce an article."""
    _decide(app, article_id, Decision.SKIPPED, why, as_json)
