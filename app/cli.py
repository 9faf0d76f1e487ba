"""The command `rubis`: the name, help and exit code of each command. The work is done elsewhere."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from app.core.settings import Settings, SettingsError, read_settings

P = ParamSpec("P")


class _Group(click.Group):
    """Lists commands in the order in which a newcomer uses them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(self.commands)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rubis-sur-l-ongle", prog_name="rubis")
def main() -> None:
    """Rubis Sur l'Ongle asks you whether an invoice was paid before its client is reminded.

    `rubis up` runs all of it: a PostgreSQL of its own, the HTTP API, the worker that sends mail, the web
    app. To use your own server set DATABASE_URL, or PG_HOST, PG_PORT, PG_USER, PG_PASSWORD and PG_DB_NAME.
    `rubis demo` does the same and plays one invoice from issue to payment.

    Settings come from the environment and from .env in the current folder; .env.example lists them. All that
    an embedded run writes lies under RUBIS_DATA_DIR (default: ./var); delete that folder and it is gone.
    """


def command(
    summary: str, **options: Any
) -> Callable[[Callable[Concatenate[Settings, P], None]], click.Command]:
    """Make a function that takes the settings a command of `rubis`; `rubis --help` lists it with `summary`.

    An error that the person at the keyboard can mend ends with its message, no traceback, and exit code 1.
    """

    def decorate(function: Callable[Concatenate[Settings, P], None]) -> click.Command:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                function(read_settings(), *args, **kwargs)
            except SettingsError as error:
                raise click.ClickException("\nError: ".join(error.faults)) from None
            except _mendable() as error:
                raise click.ClickException(str(error)) from error

        return main.command(short_help=summary, **options)(run)

    return decorate


def _mendable() -> tuple[type[Exception], ...]:
    from app.core.metrics import ListenerError
    from app.deploy.administrator import MigrationError
    from app.deploy.archive import BackupError
    from app.postgres.unprivileged import UnreachableError
    from app.postgres.wheel import EmbeddedError
    from app.supervisor import StackError

    return BackupError, EmbeddedError, ListenerError, MigrationError, StackError, UnreachableError


@command("Run everything until Ctrl-C.")
def up(settings: Settings) -> None:
    """Run everything until Ctrl-C: PostgreSQL, migrations, API, worker, web app.

    If one of them dies, the others stop and the exit code is 1.
    """
    from app import supervisor

    supervisor.up(settings)


@command("Play one invoice from issue to payment.")
@click.option(
    "--once", is_flag=True, help="Click the links itself, check each step, and exit: 0 if all was seen."
)
def demo(settings: Settings, *, once: bool) -> None:
    """Play one invoice from issue to payment, with its mail and its links, on a database of its own."""
    from app import demo as play

    play.run(settings, once=once)


@command("Bring the database to this release.")
def migrate(settings: Settings) -> None:
    """Bring the database to this release. Safe to run twice, and by several at once.

    It creates missing roles, applies migrations, deploys functions and views again, and drops functions whose
    file is gone. If anything fails, nothing is changed.
    """
    from app.deploy.migrate import migrate as bring_up_to_date

    with _server(settings):
        for step in bring_up_to_date(settings):
            click.echo(step)


@command("Run the HTTP API alone.")
def api(settings: Settings) -> None:
    """Run the HTTP API alone, on HOST and PORT. The database must be there and migrated."""
    from app.api.main import collect_less, create_server
    from app.core import logs

    logs.configure(settings)
    server = create_server(settings)
    collect_less()
    server.run()


@command("Run a worker alone.")
def worker(settings: Settings) -> None:
    """Run a worker alone: it sends what is due.

    Several may run at once. On SIGTERM it finishes the mail in hand.
    """
    from app.core import logs
    from app.core.loop import run_loop
    from worker.main import run

    logs.configure(settings)
    run_loop(run(settings))


@command("Run the web app alone.")
@click.option("--port", type=click.IntRange(1, 65535), help="Behind a proxy, which has the port of WEB_URL.")
def web(settings: Settings, *, port: int | None) -> None:
    """Run the web app alone, on HOST and the port of WEB_URL or --port.

    It calls the database as the API does, as rubis_api. The pages that the links of mails lead to need none.
    """
    import uvicorn

    from app.api.main import uvicorn_options
    from app.core import logs
    from app.web import create_app

    port = port or settings.web_port
    if port is None:
        message = f"WEB_URL is {settings.web_url}, no http address of this machine: name a --port of it."
        raise click.ClickException(message)
    logs.configure(settings)
    uvicorn.run(create_app(settings), host=settings.host, port=port, **uvicorn_options(settings))


@command("List the mails of MAIL_DRIVER=file.")
@click.argument("number", type=click.IntRange(1), required=False)
def outbox(settings: Settings, number: int | None) -> None:
    """List the mails that MAIL_DRIVER=file has written, newest first, or show mail NUMBER.

    The oldest mail is number 1, so a mail keeps its number when others arrive.
    """
    from app.mail.outbox import read_outbox

    mails = list(read_outbox(settings.outbox_dir))
    if number is None:
        for position, mail in reversed(list(enumerate(mails, 1))):
            click.echo(f"{position:4}  {mail.date}  {mail.to}  {mail.subject}")
        click.echo("rubis outbox NUMBER shows one." if mails else f"No mail in {settings.outbox_dir} yet.")
    elif number > len(mails):
        message = f"there are {len(mails)} mails in {settings.outbox_dir}."
        raise click.ClickException(message)
    else:
        mail = mails[number - 1]
        click.echo(f"Date: {mail.date}\nTo: {mail.to}\nSubject: {mail.subject}\n\n{mail.text}")


@command("Back the database up into a file.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--keep", type=click.IntRange(1), help="Then delete all but the newest KEEP backups there.")
def backup(settings: Settings, folder: Path | None, keep: int | None) -> None:
    """Back the database up into a new file of FOLDER (default: RUBIS_DATA_DIR/backups).

    The API and the workers may run on. The file is read back and compared with the database before it gets
    its name. It holds no token, but names, addresses and invoices, so only its owner may read it.
    """
    from app.deploy.backup import back_up

    with _server(settings):
        made = back_up(settings, folder or settings.rubis_data_dir / "backups", keep)
    click.echo(f"{made.path}: {made.rows} rows, {made.path.stat().st_size} bytes, read back and complete")
    for older in made.deleted:
        click.echo(f"deleted {older}")


@command("Restore the database from a backup.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Lose what the database holds now.")
def restore(settings: Settings, file: Path, *, replace: bool) -> None:
    """Restore the database from FILE, which `rubis backup` made, and bring it to this release.

    Stop the API and the workers first. The database must be empty, or be given up with --replace. If the
    restore fails, nothing is changed. What happened after the backup is lost, also the knowledge of which
    mails have left since: docs/operations.md says what to do before a worker starts.
    """
    from app.deploy.restore import restore as bring_back

    with _server(settings):
        for step in bring_back(settings, file, replace=replace):
            click.echo(step)


@contextmanager
def _server(settings: Settings) -> Iterator[None]:
    """Within: the embedded server runs, if the database is in it."""
    from app.postgres.embedded import EmbeddedPostgres, is_running

    if settings.embedded and not is_running(settings.rubis_data_dir):
        with EmbeddedPostgres(settings.rubis_data_dir):
            yield
    else:
        yield


@command("Open psql on the database.", context_settings={"ignore_unknown_options": True})
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def psql(settings: Settings, args: tuple[str, ...]) -> None:
    """Open psql on the database as its owner. ARGS after -- go to psql, and its exit code is ours.

    For example: rubis psql -- -c 'select * from audit.invoice_timeline'. A user that ARGS name connects as
    itself: rubis psql -- -U rubis_auditor
    """
    from app.deploy import psql as client

    client.replace_this_process(settings, args)


@main.command(short_help="Check this installation, part by part.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects: part, state, seen, remedy.")
def doctor(*, as_json: bool) -> None:
    """Check this installation, part by part. Each bad line says what to do, and the exit code is then 1.

    It speaks to the mail server and sends no mail. `--` is before what cannot be seen from here.
    """
    from app.doctor import examine

    findings = examine()
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            click.echo(finding.line())
    sys.exit(1 if any(finding.state == "bad" for finding in findings) else 0)


@command("Show what is due, late and stuck, and who works.")
@click.option("--json", "as_json", is_flag=True, help="Print the state as JSON, on one line.")
@click.option("--watch", is_flag=True, help="Show it again every two seconds, until Ctrl-C.")
def status(settings: Settings, *, as_json: bool, watch: bool) -> None:
    """Show what is due, late and stuck, who works, and since when: one screen, as the API's role.

    The exit code is 0 if all is ready, 1 if something is degraded, 3 if the database does not answer.
    """
    from app import status as screen
    from app.core import logs

    logs.configure(settings.model_copy(update={"log_level": "error"}))
    sys.exit(screen.run(settings, as_json=as_json, watch=watch))


if __name__ == "__main__":
    main()
