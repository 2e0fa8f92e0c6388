"""`crosspost webhook`."""

from __future__ import annotations

import click

from crosspost.cli.context import App
from crosspost.cli.output import emit_json, json_option
from crosspost.commands.webhook import EXAMPLES
from crosspost.domain.errors import BadInput


@click.group(epilog="Example: crosspost webhook example --language php")
def webhook() -> None:
    """Where your site sends leads and deals, and the secret that signs them: docs/clients.md."""


@webhook.command("secret", epilog="Example: crosspost --brand lea webhook secret > webhook.secret")
@json_option
@click.pass_obj
def secret(app: App, as_json: bool) -> None:
    """Show the address and the signing secret. It is made when first asked for."""
    from crosspost.commands.keys import endpoint_secret

    _show(app, endpoint_secret(app.store, app.vault, app.brand.id, app.clock.now()).reveal(), as_json)


@webhook.command("rotate", epilog="Example: crosspost --brand lea webhook rotate")
@json_option
@click.pass_obj
def rotate(app: App, as_json: bool) -> None:
    """Make a new secret. The present one goes on working beside it until `webhook retire`."""
    from crosspost.commands.keys import rotate_endpoint_secret
    from crosspost.commands.webhook import refuse_third

    refuse_third(app.store, app.vault, app.brand.slug)
    _show(app, rotate_endpoint_secret(app.store, app.vault, app.brand.id, app.clock.now()).reveal(), as_json)


@webhook.command("retire", epilog="Example: crosspost --brand lea webhook retire")
@json_option
@click.pass_obj
def retire(app: App, as_json: bool) -> None:
    """End the older secret at once: every sender has the new one, or the older one got out."""
    from crosspost.commands.keys import retire_endpoint_secret

    ended = retire_endpoint_secret(app.store, app.brand.id)
    if as_json:
        emit_json({"retired": ended})
    else:
        click.echo("the older secret no longer works" if ended else "there is one secret alone")


@webhook.command("example", epilog="Example: crosspost webhook example --language curl")
@click.option(
    "--language", type=click.Choice(list(EXAMPLES)), default="python", show_default=True, help="Of the example."
)
@click.option("--secret-file", default="webhook.secret", show_default=True, help="Where your sender keeps the secret.")
@json_option
@click.pass_obj
def example(app: App, language: str, secret_file: str, as_json: bool) -> None:
    """Print a sender. It reads the secret from a file: in an argument, other users of its machine could see it."""
    from crosspost.commands.webhook import example as made

    if not secret_file.isprintable() or set(secret_file) & set("\"'\\$`"):
        raise BadInput(f"{secret_file!r} has characters that an example would have to quote", remedy="rename the file")
    text = made(language, app.brand, secret_file)
    if as_json:
        emit_json({"language": language, "example": text})
    else:
        click.echo(text, nl=False)


def _show(app: App, revealed: str, as_json: bool) -> None:
    path = f"/v1/brands/{app.brand.slug}/events"
    if as_json:
        emit_json({"path": path, "secret": revealed})
    else:
        click.echo(f"POST {path} on `crosspost serve`, signed with", err=True)
        click.echo(revealed)
