"""`rubis demo`: one mail, and what the clicks of whoever looks on bring about."""

import time
from typing import Any

import click

from app.demo.narration import print_mail, print_story, step
from app.demo.stage import Stage


def show(stage: Stage) -> None:
    """Show one mail, then tell what the user's clicks bring about, until Ctrl-C."""
    user = stage.user
    user.sign_up()
    step("An invoice falls due: the user is asked by mail")
    invoice_id = stage.issue("F-2026-001", 120000)
    print_mail(stage.asked(invoice_id))
    click.secho("\nClick one of the two links above.", bold=True)
    click.echo(
        "  page      the third one shows what was answered, and takes it back\n"
        f"  API       {user.address}/docs   sign in as {user.email}, password {user.password}\n"
        f"  database  rubis psql, with RUBIS_DATA_DIR={stage.settings.rubis_data_dir}\n"
        "  Ctrl-C stops everything."
    )
    said: dict[str, Any] = {}
    while True:
        story = stage.record.story(invoice_id)
        if story != said:
            step("The database says")
            print_story(said := story)
        for mail in stage.mailbox.new():
            print_mail(mail)
        time.sleep(0.5)
