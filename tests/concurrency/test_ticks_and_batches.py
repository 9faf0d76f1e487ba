"""Ticks and batches beside users and each other: none waits, and nothing is lost."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.letters import calendar, pending, proven, queued_letter, until_queued
from tests.support.line import Connections, Token
from tests.support.race import Race, by

LATE = date(2026, 3, 1)
SECOND = timedelta(seconds=1)


def begin(cast: Cast, *mails: tuple[int, int]) -> dict[int, Any]:
    """Begin a batch as one job does: what each mail says, by mail_id."""
    begun = cast.worker(
        "begin_mails",
        mails=cast.json([list(pair) for pair in mails]),
        message_ids=[f"<{mail_id}@rubis.test>" for _, mail_id in mails],
        token_hashes=[Token.new() for _ in range(60)],
    )
    return {facts["mail_id"]: facts for facts in begun}


def due(cast: Cast) -> list[int]:
    """The organizations whose turn it is."""
    organizations: list[int] = cast.worker("due_organizations", worker="test:1", limit=100)["organizations"]
    return organizations


def turn(cast: Cast) -> Any:
    """The tick of the cast's organization."""
    return cast.worker("tick_organization", organization_id=cast.organization_id, limit=9)


@pytest.fixture
def pair(own_race: Race) -> tuple[Cast, Cast]:
    """Two organizations over real connections, whose clock stands still."""
    first = Cast(Connections(own_race.database), now="2026-03-02 09:00 UTC")
    return first, Cast(Connections(own_race.database), now=None)


def test_a_held_question_is_put_off_a_second_and_waited_for_by_none(
    own_race: Race, pair: tuple[Cast, Cast]
) -> None:
    """A click holds the invoice: the batch does not wait, the other mail leaves, this one a second later."""
    mine, other = pair
    held = mine.invoice()
    mine.queue(held)
    mail_id, theirs = mine.notices("questions")[-1]["mail_id"], question(other)
    met = own_race.meet(
        by("rubis_owner", mine, lambda it: it.update(held, amount_cents=5)),
        by(
            "rubis_worker",
            mine,
            lambda it: begin(it, (mine.organization_id, mail_id), (other.organization_id, theirs)),
        ),
    )
    assert not met.waited
    assert met.second[mail_id]["skip_reason"] == "no question is due"
    assert "skip_reason" not in met.second[theirs]
    (row,) = mine.notices("questions")
    assert (row["status"], row["next_attempt_at"]) == ("scheduled", mine.now() + SECOND)


def test_a_tick_does_not_wait_for_a_letter_that_is_being_begun(
    own_race: Race, pair: tuple[Cast, Cast]
) -> None:
    """A second invoice of the client is due: the tick leaves it for the next letter."""
    mine, _ = pair
    calendar(mine)
    proven(mine)
    first = pending(mine)
    second = pending(mine)
    until_queued(mine, first)
    mail = queued_letter(mine, first)
    assert mail is not None
    mine.dba(
        "update rubis.relance set next_look_at = rubis.clock()"
        " where invoice_id = %s and status = 'scheduled'",
        second,
    )
    met = own_race.meet(
        by("rubis_worker", mine, lambda it: begin(it, (mine.organization_id, mail["mail_id"]))),
        by(
            "rubis_worker",
            mine,
            lambda it: it.worker("tick_organization", organization_id=mine.organization_id, limit=9),
        ),
    )
    assert not met.waited
    assert "failed" not in met.second
    assert len(mine.notices("letter")) == 1


def question(cast: Cast) -> int:
    """Queue a mail of one question; returns its mail_id."""
    cast.queue(cast.invoice())
    mail_id: int = cast.notices("questions")[-1]["mail_id"]
    return mail_id


@pytest.fixture
def running(own_race: Race) -> Cast:
    """An organization over real connections, whose clock stands still."""
    return Cast(Connections(own_race.database), now="2026-03-02 09:00 UTC")


def test_what_commits_after_a_ticks_look_is_not_lost(own_race: Race, running: Cast) -> None:
    """A writer inserts before the tick and commits after it: its wake stays for the next round."""
    running.tick()
    running.clock.advance(minutes=5)

    met = own_race.meet(
        by("rubis_api", running, lambda it: it.invoice(due_on=LATE)),
        by("rubis_worker", running, lambda it: (due(it), turn(it))),
    )
    assert not met.waited
    assert met.second[1]["mails"] == []
    running.clock.advance(minutes=1)
    assert due(running) == [running.organization_id]
    running.tick()
    assert running.queued_mail(met.first) is not None


def test_one_worker_at_a_time_ticks_an_organization(own_race: Race, running: Cast) -> None:
    """A second one finds its agenda held, and goes on to the next."""
    running.invoice(due_on=LATE)
    running.clock.advance(minutes=1)
    due(running)
    met = own_race.meet(
        by("rubis_worker", running, turn),
        by("rubis_worker", running, turn),
    )
    assert not met.waited
    assert (len(met.first["mails"]), met.second) == (1, {"mails": []})


def test_a_click_waits_for_no_tick(own_race: Race, running: Cast) -> None:
    """While a tick holds the agenda, a user issues an invoice of the same organization."""
    met = own_race.meet(
        by("rubis_worker", running, turn),
        by("rubis_api", running, lambda it: it.invoice()),
    )
    assert not met.waited
    assert isinstance(met.second, int)
