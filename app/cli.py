"""The command `rubis`. Each command's work is elsewhere; here are its name, its help and its exit code."""

import asyncio
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import click
from pydantic import ValidationError

from app.settings import Settings

P = ParamSpec("P")


class _Group(click.Group):
    """Commands in the order one meets them, not the alphabet's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rubis-sur-l-ongle", prog_name="rubis")
def main() -> None:
    """Rubis Sur l'Ongle asks you whether an invoice was paid before its client is reminded.

    `rubis up` runs all of it: a PostgreSQL of its own, the HTTP API, the worker that sends mail, the result
    pages. Set DATABASE_URL (or PG_HOST, PG_PORT, PG_USER, PG_PASSWORD, PG_DB_NAME) to use your server instead.
    `rubis demo` does the same and plays one invoice from issue to payment.

    Settings come from the environment and from .env in the current folder; .env.example lists them. Everything
    an embedded run writes lies under RUBIS_DATA_DIR (default: ./var); delete that folder and it is gone.
    """


def command(
    **options: Any,
) -> Callable[[Callable[Concatenate[Settings, P], None]], click.Command]:
    """Make a function that takes the settings a command of `rubis`; what users can mend is told without traceback."""

    def decorate(function: Callable[Concatenate[Settings, P], None]) -> click.Command:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            settings = read_settings()
            try:
                function(settings, *args, **kwargs)
            except _mendable() as error:
                raise click.ClickException(str(error)) from error

        return main.command(**options)(run)

    return decorate


def read_settings() -> Settings:
    """The settings, or a message that names each bad variable."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"  {'.'.join(str(part) for part in problem['loc'][:1]).upper()}: {problem['msg']}"
            for problem in error.errors(include_input=False)
        ]
        message = "\n".join(["these settings (environment or .env) are not valid:", *lines])
        raise click.ClickException(message) from None


def _mendable() -> tuple[type[Exception], ...]:
    from app.embedded import EmbeddedError
    from app.migrate import MigrationError
    from app.supervisor import StackError
    from app.unprivileged import UnreachableError

    return EmbeddedError, MigrationError, StackError, UnreachableError


@command()
def up(settings: Settings) -> None:
    """Run everything until Ctrl-C: PostgreSQL, migrations, API, worker, web pages.

    If one of them dies, the others stop and the exit code is not 0.
    """
    from app import supervisor

    supervisor.up(settings)


@command()
@click.option(
    "--once", is_flag=True, help="Click the links itself, check each step, and exit: 0 if all was seen."
)
def demo(settings: Settings, once: bool) -> None:  # noqa: FBT001  click passes flags so
    """Play one invoice from issue to payment, with its mail and its links."""
    from app import demo as play

    sys.exit(play.run(settings, once=once))


@command()
def migrate(settings: Settings) -> None:
    """Bring the database to this release. Safe to run twice, and by several at once.

    Roles that are missing are made, migrations applied, functions and views deployed anew; functions whose file is
    gone are dropped. If anything fails nothing is changed.
    """
    from app.embedded import EmbeddedPostgres, is_running
    from app.migrate import migrate as bring_up_to_date

    if settings.embedded and not is_running(settings.rubis_data_dir):
        with EmbeddedPostgres(settings.rubis_data_dir):
            done = bring_up_to_date(settings)
    else:
        done = bring_up_to_date(settings)
    for step in done:
        click.echo(step)


@command()
def api(settings: Settings) -> None:
    """Run the HTTP API alone, on HOST and PORT. The database must be there and migrated."""
    from app import logs
    from app.main import create_server

    logs.configure(settings)
    create_server(settings).run()


@command()
def worker(settings: Settings) -> None:
    """Run a worker alone: it sends what is due. Several may run; SIGTERM lets each finish the mail in hand."""
    from app import logs
    from worker.main import run

    logs.configure(settings)
    asyncio.run(run(settings))


@command()
def web(settings: Settings) -> None:
    """Run the result pages alone, on HOST and the port of WEB_URL."""
    import uvicorn

    from app import logs
    from app.main import uvicorn_options
    from app.supervisor import web_port
    from app.web import create_app

    port = web_port(settings)
    if port is None:
        message = f"WEB_URL is {settings.web_url}, which is not an http address of this machine."
        raise click.ClickException(message)
    logs.configure(settings)
    uvicorn.run(create_app(settings), host=settings.host, port=port, **uvicorn_options())


@command()
@click.argument("number", type=click.IntRange(1), required=False)
def outbox(settings: Settings, number: int | None) -> None:
    """List the mails that MAIL_DRIVER=file has written, newest first, or show NUMBER of that list."""
    from app import outbox as mails

    click.echo(
        mails.listing(settings.outbox_dir) if number is None else mails.text(settings.outbox_dir, number)
    )


@command(context_settings={"ignore_unknown_options": True})
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def psql(settings: Settings, args: tuple[str, ...]) -> None:
    """Open psql on the database as its owner; ARGS go to psql, after --.

    For example: rubis psql -- -c 'select * from audit.invoice_timeline'
    """
    from app import psql as client

    client.replace_this_process(settings, args)


@command()
def doctor(settings: Settings) -> None:
    """Check this installation, part by part; each bad line says what to do, and the exit code is then 1."""
    from app import doctor as checks

    findings = checks.examine(settings)
    for finding in findings:
        click.echo(finding.line())
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


if __name__ == "__main__":
    main()
