"""What a demonstration plays: one mail to look at and click, or every scene, checked."""

import re
import secrets
import time
from typing import Any

import click

from app.demo.door import open_door
from app.demo.narration import check, print_mail, print_story, step
from app.demo.stage import Stage
from app.mail.outbox import Mail

_TWO = {"F-2026-001": 120000, "F-2026-002": 45050}
_HEADING = re.compile(r"^\d+\. Facture (\S+)$", re.MULTILINE)


def show(stage: Stage) -> None:
    """Lead into the app, show one mail, then tell what the user's clicks bring about, until Ctrl-C."""
    user, web_url = stage.user, stage.settings.web_url
    user.sign_up()
    with open_door(web_url, user.email, user.password) as door:
        click.secho(f"\nRubis is at {web_url}", bold=True)
        click.echo(f"  signed in  {door}\n  or sign in as {user.email}, password {user.password}")
        step("Two invoices fall due: the user is asked about both, in one mail")
        invoice_ids = stage.issue(**_TWO)
        print_mail(stage.asked(*invoice_ids))
        click.secho(
            "\nAnswer in the app, or click the links above: each answers for its own invoice.", bold=True
        )
        click.echo(
            "  page      the third link of an invoice shows what was answered, and takes it back\n"
            f"  API       {user.address}/docs\n"
            f"  database  rubis psql, with RUBIS_DATA_DIR={stage.settings.rubis_data_dir}\n"
            "  Ctrl-C stops everything."
        )
        _follow(stage, dict(zip(_TWO, invoice_ids, strict=True)))


def _follow(stage: Stage, invoices: dict[str, int]) -> None:
    """Tell what becomes of the invoices, by their numbers, and show the mails that come."""
    said: dict[str, dict[str, Any]] = {}
    while True:
        for number, invoice_id in invoices.items():
            story = stage.record.story(invoice_id)
            if story != said.get(number):
                step(f"The database says of {number}")
                print_story(story)
                said[number] = story
        for mail in stage.mailbox.new():
            print_mail(mail)
        time.sleep(0.5)


def prove(stage: Stage) -> None:
    """Click everything, and compare what the database says with what it should. Raises DemoError."""
    stage.user.sign_up()
    paid, pending = _one_mail_of_two_questions(stage)
    expired = _clicks_on_an_old_mail(stage)
    step("A forged token")
    forged = f"{stage.user.address}/api/v1/checkin/{secrets.token_urlsafe(32)}/paid"
    check("outcome", stage.user.click_link(forged), "invalid")
    machine = _clicks_of_a_machine(stage)
    _days_pass(stage, paid, pending, expired, machine)
    _asked_before_the_second(stage, pending, expired, machine)
    click.secho("\nAll of it was seen.", fg="green", bold=True)


def _one_mail_of_two_questions(stage: Stage) -> tuple[int, int]:
    """One is answered paid, the other pending, each by its own link. Returns their invoice_ids."""
    step("Two invoices fall due: the user is asked about both, in one mail")
    paid, pending = stage.issue(**_TWO)
    mail = stage.asked(paid, pending)
    print_mail(mail)
    check("recipient", mail.to, f"Léa Martin <{stage.user.email}>")
    about_paid, about_pending = (_links(mail, number) for number in _TWO)

    step("One click on paid, for the first: it is settled, and the other stays as it is")
    check("outcome", stage.user.click_link(about_paid["paid"]), "paid")
    stage.record.expect(
        paid,
        invoice="paid via check-in",
        rubis="1",
        activity="invoice_created, checkin_sent, invoice_paid (via check-in)",
        relances="step 1 cancelled (invoice paid)",
    )
    stage.record.expect(pending, invoice="open", checkin="sent", relances="step 1 scheduled")

    step("A second click changes nothing")
    check("outcome", stage.user.click_link(about_paid["paid"]), "already_answered")
    stage.record.expect(paid, invoice="paid via check-in", rubis="1")

    step("A minute after the click on paid: a receipt, in case no person clicked")
    stage.record.run("confirm_now", paid)
    receipt = stage.mailbox.wait()
    print_mail(receipt)
    check("number in the subject", "F-2026-001" in receipt.subject, expected=True)

    step("One click on pending, for the second: the relances run their course")
    check("outcome", stage.user.click_link(about_pending["pending"]), "pending")
    stage.record.expect(
        pending,
        invoice="open",
        rubis="1",
        activity="invoice_created, checkin_sent, checkin_answered (still pending, via check-in)",
        relances="step 1 scheduled",
    )
    return paid, pending


def _clicks_on_an_old_mail(stage: Stage) -> int:
    """Its links answer nothing, but after a click on paid the user is asked again. Returns invoice_id."""
    user, record = stage.user, stage.record
    step("A third, whose mail is 25 hours old: its links have expired, but paid is a hint")
    [expired] = stage.issue(**{"F-2026-003": 9900})
    mail = stage.asked(expired)
    record.expect(expired, activity="invoice_created, checkin_sent")
    record.run("age_mail", expired)
    record.expect(expired, activity="invoice_created, checkin_sent, checkin_expired")
    check("outcome", user.click_link(mail.pending_url), "expired")
    record.expect(expired, invoice="open", rubis="1", relances="step 1 scheduled")
    check("outcome", user.click_link(mail.paid_url), "expired")
    record.expect(expired, invoice="open", rubis="1", relances="step 1 held")
    # That paid was clicked is told at once, and the user is asked again: two mails, in either order.
    mails = [stage.mailbox.wait() for _ in range(2)]
    told, again = sorted(mails, key=lambda mail: "/pending" in mail.text)
    record.wait_for(expired, checkin="sent")
    click.echo(f"  told at once: {told.subject}\n  asked again: {again.subject}")
    # A button is a person's: it proves the address at once, and more than three mails of questions may come.
    user.press(again.page_url, "pending")
    record.expect(expired, invoice="open", rubis="1", relances="step 1 scheduled")
    return expired


def _clicks_of_a_machine(stage: Stage) -> int:
    """The answer of a mail scanner is taken back. Returns the invoice_id of the invoice concerned."""
    user, record = stage.user, stage.record
    step("A mail scanner follows both links of a mail at once, which no person does")
    [machine] = stage.issue(**{"F-2026-004": 7200})
    mail = stage.asked(machine)
    check("outcome", user.click_link(mail.paid_url), "paid")
    check("outcome", user.click_link(mail.pending_url), "confirm")
    record.expect(
        machine,
        invoice="open",
        rubis="1",
        activity="invoice_created, checkin_sent, invoice_paid (via check-in),"
        " invoice_reopened (was paid), checkin_contradicted (paid, then still pending: taken back)",
        relances="step 1 cancelled (invoice paid), step 1 held",
    )

    step("The person is told at once, and presses a button of the page that this mail names")
    told = stage.mailbox.wait()
    print_mail(told)
    user.press(told.page_url, "paid")
    record.expect(machine, invoice="paid via check-in", rubis="2")

    step("The receipt names a page of its own; its button takes the answer back")
    user.press(stage.mailbox.wait().page_url, "undo")
    record.expect(machine, invoice="open", rubis="1")
    return machine


def _days_pass(stage: Stage, paid: int, pending: int, expired: int, machine: int) -> None:
    """The client is reminded of what is still open, and of nothing else."""
    record = stage.record
    record.run("clock")
    step("An answer that was taken back counts no longer: the user is asked again, a day before the relance")
    _wait(stage, machine)
    again = stage.asked(machine)
    print_mail(again)
    check("number in the subject", "F-2026-004" in again.subject, expected=True)
    check("outcome", stage.user.click_link(again.pending_url), "pending")

    step("The working day on which the first relances are due: one letter to the client, about all three")
    _wait(stage, pending)
    _check_letter(stage, "F-2026-002", "F-2026-003", "F-2026-004")
    record.expect(
        pending,
        invoice="open",
        activity="invoice_created, checkin_sent, checkin_answered (still pending, via check-in),"
        " relance_sent",
        relances="step 1 sent, step 2 scheduled",
    )

    step("The two whose questions were asked again")
    record.expect(
        expired,
        activity="invoice_created, checkin_sent, checkin_expired, checkin_sent,"
        " checkin_answered (still pending, via check-in), relance_sent",
        relances="step 1 sent, step 2 scheduled",
    )
    record.expect(
        machine,
        invoice="open",
        relances="step 1 cancelled (invoice paid), step 1 cancelled (invoice paid),"
        " step 1 sent, step 2 scheduled",
    )

    step("The invoice that was paid: nothing has left, and nothing will")
    record.expect(paid, invoice="paid via check-in", relances="step 1 cancelled (invoice paid)")


def _asked_before_the_second(stage: Stage, pending: int, expired: int, machine: int) -> None:
    """What was said a week ago is old: each is asked about again, and its second relance obeys the answer."""
    user, record = stage.user, stage.record
    step("A day before the second relances, what the user said is too old: one mail asks about all three")
    _wait(stage, pending)
    mail = stage.asked(pending, expired, machine)
    check("recipient", mail.to, f"Léa Martin <{user.email}>")
    click.echo(f"  asked again: {mail.subject}")

    step("The answers: pending, paid, and none")
    check("outcome", user.click_link(_links(mail, "F-2026-002")["pending"]), "pending")
    check("outcome", user.click_link(_links(mail, "F-2026-003")["paid"]), "paid")
    record.expect(
        expired,
        invoice="paid via check-in",
        rubis="2",
        relances="step 1 sent, step 2 cancelled (invoice paid)",
    )
    record.run("confirm_now", expired)
    check("number in the subject", "F-2026-003" in stage.mailbox.wait().subject, expected=True)

    step("The second relances: one letter about two invoices, and not about the one that was paid meanwhile")
    _wait(stage, pending)
    letter = _check_letter(stage, "F-2026-002", "F-2026-004")
    check("the paid one in the letter", "F-2026-003" in letter.text, expected=False)
    record.expect(
        pending,
        activity="invoice_created, checkin_sent, checkin_answered (still pending, via check-in),"
        " relance_sent, checkin_sent, checkin_answered (still pending, via check-in), relance_sent",
        relances="step 1 sent, step 2 sent, step 3 scheduled",
    )
    record.expect(
        machine,
        relances="step 1 cancelled (invoice paid), step 1 cancelled (invoice paid),"
        " step 1 sent, step 2 sent, step 3 scheduled",
    )


def _wait(stage: Stage, invoice_id: int) -> None:
    """Days pass, until the next step of an invoice's relance ahead."""
    moment = stage.record.run("wait_for_relance", invoice_id)["next_at"]
    click.echo(f"  it is {moment} for {stage.user.email}")


def _links(mail: Mail, number: str) -> dict[str, str]:
    """The links of the question about an invoice in a mail of several: paid, pending and page."""
    numbers: list[str] = _HEADING.findall(mail.text)
    return dict(zip(numbers, mail.matters, strict=True))[number]


def _check_letter(stage: Stage, *numbers: str) -> Mail:
    """One letter about these invoices, from the user to the client, is shown."""
    letter = stage.mailbox.wait()
    print_mail(letter)
    check("recipient", letter.to, "Boulangerie Dupont <dupont@example.com>")
    check("who is answered", letter.reply_to, f"Léa Martin <{stage.user.email}>")
    check("sender", letter.sender.partition(" <")[0], "Atelier Martin")
    for number in numbers:
        check("number in the letter", number in letter.text, expected=True)
    check("links for the user", "/checkin/" in letter.text, expected=False)
    return letter
