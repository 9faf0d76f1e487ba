"""What a demonstration prints, and the error that ends it when it sees something else than expected."""

from typing import Any

import click

from app.mail.outbox import Mail


class DemoError(click.ClickException):
    """The demonstration cannot run, or did not see what it should have."""


def step(text: str) -> None:
    """Say what comes next."""
    click.secho(f"\n{text}", bold=True)


def check(what: str, seen: object, expected: object) -> None:
    """Raise DemoError unless both are equal."""
    if seen != expected:
        raise DemoError(f"{what}: expected {expected!r}, saw {seen!r}")


def print_mail(mail: Mail) -> None:
    """Show a mail: its recipient, subject and text."""
    click.secho(f"  mail to {mail.to}: {mail.subject}", fg="cyan")
    for line in mail.text.splitlines():
        click.echo(f"  | {line}")


def print_story(story: dict[str, Any]) -> None:
    """Show what the database says about an invoice, part by part."""
    for part, value in story.items():
        click.echo(f"  {part + ':':<10} {value}")
