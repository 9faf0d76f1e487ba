"""A hundred overdue invoices of twelve clients, entered at once: few mails, and each thing in its place."""

import re
from collections import Counter
from datetime import datetime
from itertools import cycle, islice

import httpx

from tests.support.mails import assert_links_work
from tests.support.person import Person
from tests.support.smtp import Mail
from tests.support.stack import Stack
from tests.support.waiting import until

_INVOICES = [f"N-{number:03}" for number in range(100)]
_CLIENTS = [f"client{number:02}" for number in range(12)]


def to_a_monday_morning(stack: Stack) -> None:
    """Move time on to a Monday in Paris whose next three days are working days."""
    clock = stack.database.clock
    monday: datetime = stack.database.admin.value(
        """select (d.day + time '10:00') at time zone 'Europe/Paris'
             from (select (rubis.clock() at time zone 'Europe/Paris')::date + n as day
                     from generate_series(1, 60) as n) as d
            where extract(isodow from d.day) = 1
              and (select bool_and(rubis.is_working_day('FR', d.day + m)) from generate_series(0, 3) as m)
            order by 1 limit 1"""
    )
    clock.wait_until(monday)


def message_id(mail: Mail) -> str:
    """Its Message-ID."""
    return str(mail.message["Message-ID"]).strip()


def test_a_hundred_invoices_of_twelve_clients(stack: Stack, ana: Person) -> None:
    """Four mails of questions, then one letter per client; the timeline tells which mail carried what."""
    to_a_monday_morning(stack)
    ana.log_in()
    ana.prove_address()
    address = {name: f"{name}@{ana.email.partition('@')[2]}" for name in _CLIENTS}
    owner = dict(zip(_INVOICES, islice(cycle(_CLIENTS), len(_INVOICES)), strict=True))
    for number, client in owner.items():
        ana.issue(number=number, client_name=client, client_email=address[client])
    stack.a_minute_passes()

    until(
        lambda: sum(len(mail.questions) for mail in ana.mails(0)) >= len(_INVOICES),
        lambda: f"{[len(mail.questions) for mail in ana.mails(0)]}\n{stack.worker.log()[-3000:]}",
    )
    mails = ana.mails(0)
    assert [len(mail.questions) for mail in mails] == [25, 25, 25, 25]
    carried = {question.number: [message_id(mail)] for mail in mails for question in mail.questions}
    assert sorted(carried) == _INVOICES
    until(
        lambda: ana.cast.session.value(
            "select count(*) = %s from rubis.checkin_task where organization_id = %s and status = 'sent'",
            [len(_INVOICES), ana.cast.organization_id],
        ),
        stack.worker.log,
    )
    assert_links_work(ana.cast, mails)
    for mail in mails:
        for question in mail.questions:
            where = httpx.get(question.links["pending"]).headers["location"]
            assert where.endswith("/checkin/pending"), (question.number, where)

    stack.database.clock.advance(days=2)
    letters = until(
        lambda: found if len(found := _letters(stack, address)) >= len(_CLIENTS) else None,
        lambda: f"{len(_letters(stack, address))} letters\n{stack.worker.log()[-3000:]}",
    )
    for mail in letters:
        for number in re.findall(r"N-\d{3}", str(mail.message["Subject"]) + mail.text):
            if message_id(mail) not in carried[number]:
                carried[number].append(message_id(mail))
            assert mail.recipients == [address[owner[number]]]
    until(
        lambda: ana.cast.session.value(
            "select count(*) = %s from rubis.relance where organization_id = %s and status = 'sent'",
            [len(_INVOICES), ana.cast.organization_id],
        ),
        stack.worker.log,
    )
    assert Counter(mail.recipients[0] for mail in _letters(stack, address)) == Counter(address.values())
    assert {len(ids) for ids in carried.values()} == {2}
    assert _told(ana) == carried


def _letters(stack: Stack, address: dict[str, str]) -> list[Mail]:
    return [mail for mail in stack.peer.mails if mail.recipients[0] in address.values()]


def _told(ana: Person) -> dict[str, list[str]]:
    """By invoice: the Message-IDs of the mails that the timeline says were accepted for it, in order."""
    rows = ana.cast.session.rows(
        """select i.number, substring(t.detail from 'Message-ID (<[^>]+>)') as message_id
             from rubis.invoice as i
             join audit.invoice_timeline as t using (organization_id, invoice_id)
            where i.organization_id = %s and t.source = 'mail' and t.what like '%% accepted'
            order by t.at""",
        [ana.cast.organization_id],
    )
    told: dict[str, list[str]] = {}
    for row in rows:
        told.setdefault(row["number"], []).append(row["message_id"])
    return told
