"""The list of commands, imported one by one when they are called, and what happens when one fails."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crosspost import __version__
from crosspost.domain.errors import BadInput, CrosspostError

if TYPE_CHECKING:
    from crosspost.cli.context import App

# name: (module:attribute, one line of help). The help stands here so that `--help` imports none of them.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("crosspost.cli.demo:demo", "Run the whole chain on the sandbox and write a report."),
    "brand": ("crosspost.cli.brand:brand", "The businesses that are run or audited."),
    "account": ("crosspost.cli.account:account", "A brand's presence on a network: connect, list, slots."),
    "source": ("crosspost.cli.source:source", "Where articles come from: feeds, blogs, pages, files."),
    "article": ("crosspost.cli.article:article", "The articles read, and what was decided of each."),
    "plan": ("crosspost.cli.plan:plan", "Compose teasers of new articles and give them a time."),
    "preview": ("crosspost.cli.plan:preview", "Show what would be posted, word for word."),
    "edit": ("crosspost.cli.plan:edit", "Change the text or the time of a planned delivery."),
    "approve": ("crosspost.cli.plan:approve", "Let planned deliveries go out when they are due."),
    "cancel": ("crosspost.cli.plan:cancel", "Withdraw planned deliveries."),
    "deliveries": ("crosspost.cli.deliveries:deliveries", "What was sent, attempt by attempt; settle what is unclear."),
    "post": ("crosspost.cli.post:post", "What exists on the networks; delete one's own."),
    "link": ("crosspost.cli.link:link", "Short links of your own: slugs, QR codes, on and off."),
    "clicks": ("crosspost.cli.clicks:clicks", "Who followed the links, as a range; what was not counted, and why."),
    "bio": ("crosspost.cli.bio:bio", "A page of links for networks whose posts have none that can be clicked."),
    "check": ("crosspost.cli.check:check", "Measure a text against a network's limits."),
    "networks": ("crosspost.cli.networks:networks", "What each network offers, needs and limits."),
    "collect": ("crosspost.cli.collect:collect", "Read the numbers that are due now, or all of them."),
    "reading": ("crosspost.cli.reading:reading", "The numbers of a post or an account, and why some are missing."),
    "doctor": ("crosspost.cli.doctor:doctor", "Examine the installation and its accounts: what is to be seen to."),
    "costs": ("crosspost.cli.costs:costs", "What paid requests came to, and how the budgets stand."),
    "budget": ("crosspost.cli.costs:budget", "Set the most that may be spent in a day or a month."),
    "run": ("crosspost.cli.run:run", "Publish what is due, read feeds and metrics, until stopped."),
    "stop": ("crosspost.cli.switch:stop", "Send nothing: for everything, a brand or an account."),
    "resume": ("crosspost.cli.switch:resume", "Undo a stop, or lift the hold after a restore."),
    "status": ("crosspost.cli.switch:status", "Last tick, what waits, what needs a person."),
    "serve": ("crosspost.cli.serve:serve", "Answer short links, pages and the HTTP API; record leads and visits."),
    "visit": ("crosspost.cli.visit:visit", "Readers' visits to your site, counted by a script of ours."),
    "user": ("crosspost.cli.user:user", "Who may sign in to the pages, for which brands."),
    "apikey": ("crosspost.cli.user:apikey", "Keys for programs that use the HTTP API."),
    "gathering": ("crosspost.cli.gathering:gathering", "Events of groups, read from their calendars."),
    "lead": ("crosspost.cli.lead:lead", "Record a lead, how it came, and how far it is."),
    "deal": ("crosspost.cli.deal:deal", "Record a sale to a client, what it became, and refunds."),
    "client": ("crosspost.cli.client:client", "Who buys, and how they came."),
    "effort": ("crosspost.cli.effort:effort", "Record hours and fees spent on a channel; time them."),
    "told": ("crosspost.cli.told:told", "How answers to “how did you hear of us?” are read."),
    "webhook": ("crosspost.cli.webhook:webhook", "The secret that signs what your site sends, and how to send it."),
    "person": ("crosspost.cli.person:person", "Forget a person: their hashes go everywhere."),
    "import": ("crosspost.cli.imports:import_", "Read files people bring: leads, deals, posts, efforts."),
    "audit": ("crosspost.cli.audit:audit", "Say whether visibility turns into business, or that it cannot be told."),
    "attribute": ("crosspost.cli.attribute:attribute", "Share out the conversions of a file of paths, model by model."),
    "experiment": ("crosspost.cli.experiment:experiment", "Weeks of posting drawn by lot: plan them, and test them."),
    "statistics": ("crosspost.cli.statistics:statistics", "Count what audits are computed from, of large ledgers too."),
    "interruption": ("crosspost.cli.interruption:interruption", "Declare that something stopped, or compare a file."),
    "explain": ("crosspost.cli.explain:explain", "Open a figure of the audit down to rows, files and lines."),
    "report": ("crosspost.cli.report:report", "Write the audit as charts, HTML and PDF."),
    "compare": ("crosspost.cli.compare:compare", "Put many brands side by side, every figure on one scale."),
    "hypothesis": ("crosspost.cli.hypothesis:hypothesis", "What you claim, locked before looking."),
    "purge": ("crosspost.cli.purge:purge", "Delete what the networks' rules say must go."),
    "key": ("crosspost.cli.key:key", "The master key under which all tokens are sealed: rotate it."),
    "backup": ("crosspost.cli.backup:backup", "Write everything that is stored into one file."),
    "restore": ("crosspost.cli.backup:restore", "Bring a backup back, without sending anything twice."),
    "sandbox": ("crosspost.cli.sandbox:sandbox", "Serve a stand-in for the networks on this machine."),
}


_BRAND = "The brand meant, by its slug. It may stand after the command too."


class Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        command.name = name
        return _taking_brand(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "see `crosspost --help`"
            raise BadInput(f"no command is called {args[0]!r}", remedy=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _taking_brand(command: click.Command) -> click.Command:
    """The command, and those below it, with --brand: people write it at the end as often as before the command."""
    if isinstance(command, click.Group):
        for one in command.commands.values():
            _taking_brand(one)
    alone = not isinstance(command, click.Group) or command.invoke_without_command
    if alone and not any("--brand" in one.opts for one in command.params):
        command.params.append(click.Option(["--brand"], expose_value=False, hidden=True, callback=_mean, help=_BRAND))
    return command


def _mean(ctx: click.Context, _option: click.Parameter, slug: str | None) -> None:
    if slug is not None:
        ctx.obj.mean(slug)


@click.group(cls=Lazy, epilog="Example: crosspost demo --world mirage", context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="crosspost")
@click.option("--config", type=click.Path(path_type=Path), help="Settings file (default config/crosspost.toml).")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where the database, hit log and key live.")
@click.option("--brand", help=_BRAND)
@click.pass_context
def root(ctx: click.Context, config: Path | None, data_dir: Path | None, brand: str | None) -> None:
    """Cross-post your articles through tracked links, and audit whether visibility turns into clients."""
    from crosspost.cli.context import App

    made = App(config=config, data_dir=data_dir, brand=brand)
    if ctx.obj is not None:
        ctx.obj.append(made)  # a fault is reported after the context is gone
    ctx.obj = made
    ctx.call_on_close(made.close)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    as_json = "--json" in arguments
    apps: list[App] = []
    try:
        for argument in arguments:
            _check_text(argument)
        code = root.main(args=arguments, prog_name="crosspost", standalone_mode=False, obj=apps)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except CrosspostError as error:
        return _fail(error, error.exit_code, as_json)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.ClickException as error:
        usage = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "crosspost"
        return _fail(BadInput(error.format_message(), remedy=f"see `{usage} --help`"), 2, as_json)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return 130
    except BrokenPipeError:
        # The reader of a pipe went away (`… | head`): nothing to say, and nothing more may be written.
        sys.stderr.close()
        return 141
    except Exception as error:
        return _fault(error, apps, as_json)


def _check_text(argument: str) -> None:
    """Refuse what no name, text or path may hold: bytes that are no text, and control characters."""
    for char in argument:
        if "\ud800" <= char <= "\udfff":
            raise BadInput("an argument is not valid text", remedy="write it in UTF-8")
        if char < " " and char not in "\n\t\r":
            raise BadInput(f"an argument holds the control character U+{ord(char):04X}", remedy="remove it")


def _fail(error: CrosspostError, code: int, as_json: bool) -> int:
    if as_json:
        fields = {"error": type(error).__name__, "message": error.message, "where": error.where}
        click.echo(json.dumps({**fields, "remedy": error.remedy}, ensure_ascii=False), err=True)
    else:
        click.echo(f"crosspost: {error}", err=True)
    return code


def _fault(error: Exception, apps: list[App], as_json: bool) -> int:
    """A fault of ours: the traceback goes to the log, redacted; the screen says where it is."""
    from crosspost.logs import report_fault

    for app in apps:
        with suppress(CrosspostError, OSError):
            app.log_to_file()
    where = report_fault(error)
    told = CrosspostError(
        f"a fault of crosspost itself ({type(error).__name__})", remedy=f"details: {where}; please report it"
    )
    return _fail(told, 70, as_json)
