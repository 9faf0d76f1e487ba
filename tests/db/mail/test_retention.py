"""What only explains a settled invoice is forgotten after some time; what is needed stays."""

from typing import Any

import pytest

from app.core.settings import Settings
from tests.support.cast import Cast
from tests.support.letters import accept_another, begin_notice, calendar, pending, proven, send_letter

KEPT_DAYS = 365
SWEEPS = ("prune_tries", "prune_notices", "prune_clicks")
OLD = 10_000

_MANY_TRIES = """
with mails as (
  insert into rubis.mail (organization_id, user_id, kind, next_attempt_at)
  select %(organization)s, %(user)s, 'verify_email', rubis.clock() from generate_series(1, {count} / 10)
  returning mail_id
), ended as (
  insert into rubis.mail_attempt (
    organization_id, mail_id, attempt, to_address, message_id, attempted_at, failed_at, failure_class)
  select %(organization)s, m.mail_id, n, 'a@b.test', format('<%%s.%%s@b.test>', m.mail_id, n),
         rubis.clock() - interval '2 years' + n * interval '1 minute',
         rubis.clock() - interval '2 years' + n * interval '1 minute', 'operator'
    from mails as m cross join generate_series(1, 10) as n
)
select mail_id from mails
"""


def sweep(cast: Cast, name: str, **given: Any) -> int:
    """Sweep from one end to the other, as a worker does in pieces; how many rows were deleted."""
    deleted: int = 0
    after: str | None = None
    while True:
        piece = cast.worker(name, **{"kept_days": KEPT_DAYS, "after": after, **given})
        deleted += piece["deleted"]
        if (after := piece["after"]) is None:
            return deleted


def broken_rules(cast: Cast) -> list[str]:
    """The audit rules about data that are not empty."""
    with cast.session.acting_as("rubis_auditor"):
        return [
            row["rule"]
            for row in cast.session.rows(
                "select rule from audit.rules where violations > 0 and rule like any "
                "(array['%mail%', '%relance%', '%word%', '%paid%', '%click%'])"
            )
        ]


def timeline(cast: Cast, invoice_id: int) -> list[tuple[Any, ...]]:
    """What an auditor reads about an invoice."""
    with cast.session.acting_as("rubis_auditor"):
        rows = cast.session.rows(
            "select at, source, what, detail from audit.invoice_timeline"
            " where organization_id = %s and invoice_id = %s and source <> 'ahead' order by at, what, detail",
            [cast.organization_id, invoice_id],
        )
    return [tuple(row.values()) for row in rows]


def asked_at_the_third_try(cast: Cast, **facts: Any) -> tuple[int, Any]:
    """An invoice whose question was put off twice and then accepted; its id, and the token."""
    invoice_id = cast.invoice(**facts)
    cast.fail(cast.sending(invoice_id), "temporary")
    cast.fail(cast.sending(invoice_id), "operator")
    return invoice_id, cast.ask(invoice_id)


def test_tries_that_failed_are_forgotten_with_a_settled_invoice(cast: Cast) -> None:
    """A year after it was paid; the mail that was accepted, its click and the history stay."""
    invoice_id, token = asked_at_the_third_try(cast)
    cast.click(token)
    accept_another(cast)
    cast.clock.advance(days=KEPT_DAYS - 1)
    assert sweep(cast, "prune_tries") == 0
    cast.clock.advance(days=1)
    assert sweep(cast, "prune_tries") == 2
    (mail,) = cast.mails(invoice_id)
    assert mail["accepted_at"] is not None
    assert [line[1:3] for line in timeline(cast, invoice_id) if line[1] == "click"] != []
    assert broken_rules(cast) == []
    assert cast.click(token) == "already_answered"


def test_nothing_of_an_open_invoice_is_forgotten(cast: Cast) -> None:
    """However old: its timeline is what it was."""
    invoice_id, token = asked_at_the_third_try(cast)
    for _ in range(5):
        cast.click(token, "pending")
    cast.tick()
    accept_another(cast)
    before = timeline(cast, invoice_id)
    cast.clock.advance(days=3 * KEPT_DAYS)
    assert [sweep(cast, name) for name in ("prune_tries", "prune_clicks")] == [0, 0]
    assert timeline(cast, invoice_id) == before


def test_a_try_that_may_have_arrived_stays(cast: Cast) -> None:
    """Its links may be in the hands of a reader."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.fail(begun, "unknown")
    cast.click(cast.ask(invoice_id))
    accept_another(cast)
    cast.clock.advance(days=2 * KEPT_DAYS)
    assert sweep(cast, "prune_tries") == 0
    assert len(cast.mails(invoice_id)) == 2


def test_a_try_that_was_clicked_stays(cast: Cast) -> None:
    """The mail server said no, and the reader has it all the same: the click and its link stay."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.fail(begun, "temporary")
    assert cast.click(begun["token"]) == "paid"
    accept_another(cast)
    cast.clock.advance(days=2 * KEPT_DAYS)
    assert sweep(cast, "prune_tries") == 0
    assert broken_rules(cast) == []


def test_failures_since_the_last_acceptance_stay(cast: Cast) -> None:
    """Readiness still knows, after years, that no mail leaves."""
    invoice_id = cast.invoice()
    cast.fail(cast.sending(invoice_id), "operator")
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    cast.clock.advance(minutes=2)
    cast.tick()
    cast.begin(invoice_id)
    cast.clock.advance(days=2 * KEPT_DAYS)
    assert [sweep(cast, name) for name in SWEEPS] == [0, 0, 0]
    assert cast.public("readiness")["mail"]["ok"] is False


def test_letters_and_what_they_rest_on_stay(cast: Cast) -> None:
    """After a paid plan of two letters the rules are empty, and its letters are shown as before."""
    calendar(cast)
    proven(cast)
    invoice_id = pending(cast)
    send_letter(cast, invoice_id)
    send_letter(cast, invoice_id)
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    before = cast.api("list_invoice_letters", invoice_id=invoice_id)
    accept_another(cast)
    cast.clock.advance(days=2 * KEPT_DAYS)
    for name in SWEEPS:
        sweep(cast, name)
    assert cast.api("list_invoice_letters", invoice_id=invoice_id) == before
    assert len(cast.letters(invoice_id)) == 2
    assert broken_rules(cast) == []


def test_clicks_that_repeat_one_are_forgotten(cast: Cast) -> None:
    """Of twenty that changed nothing the first stays; those that counted stay all."""
    invoice_id, token = cast.asked()
    for _ in range(30):
        cast.click(token)
    assert len(cast.clicks(token)) == 21
    accept_another(cast)
    cast.clock.advance(days=KEPT_DAYS, minutes=1)
    first = [click["checkin_click_id"] for click in cast.clicks(token)[:2]]
    assert sweep(cast, "prune_clicks", limit=7) == 19
    assert [click["checkin_click_id"] for click in cast.clicks(token)] == first
    assert broken_rules(cast) == []
    assert cast.row(invoice_id)["status"] == "paid"


def test_history_stays_append_only_beside_the_chore(cast: Cast) -> None:
    """After its sweep, in the same transaction, a DELETE is refused as ever."""
    sweep(cast, "prune_clicks")
    with cast.raises("RB409", "checkin_click__append_only"):
        cast.dba("delete from rubis.checkin_click")


def test_proofs_and_late_notices_are_forgotten(cast: Cast) -> None:
    """A notice of what was late stays as long as one of its invoices is open."""
    invoice_id = cast.invoice(number="late")
    cast.dba(
        "select rubis.add_notice(%s, %s, 'late_notice', jsonb_build_object('invoices', '[\"late\"]'::jsonb,"
        " 'began_at', rubis.clock(), 'ended_at', rubis.clock()))",
        *(cast.organization_id, cast.user_id),
    )
    cast.api("request_email_proof")
    for kind in ("verify_email", "late_notice"):
        cast.finish(begin_notice(cast, kind))
    accept_another(cast)
    cast.clock.advance(days=KEPT_DAYS)
    accept_another(cast)
    cast.clock.advance(minutes=1)
    assert sweep(cast, "prune_notices") == 2
    assert cast.notices("verify_email") == []
    assert "late" in cast.notices("late_notice")[0]["data"]["invoices"]
    cast.api("cancel_invoice", invoice_id=invoice_id)
    first, *later = [mail["mail_id"] for mail in cast.notices("late_notice")]
    assert sweep(cast, "prune_notices") == 1
    assert [mail["mail_id"] for mail in cast.notices("late_notice")] == later
    assert first not in later


def test_a_mail_that_carried_nothing_is_forgotten(cast: Cast) -> None:
    """Its invoice was paid before it was begun; what is told once stays, so that it is told once."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "queued")
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    assert cast.begin(invoice_id)["skip_reason"] is not None
    cast.dba("select rubis.add_notice(%s, %s, 'click_mode_advice')", cast.organization_id, cast.user_id)
    cast.dba(
        "update rubis.mail set status = 'cancelled', next_attempt_at = null, ended_at = rubis.clock()"
        " where kind = 'click_mode_advice'"
    )
    cast.clock.advance(days=KEPT_DAYS)
    accept_another(cast)
    cast.clock.advance(minutes=1)
    assert sweep(cast, "prune_notices") == 1
    assert [len(cast.notices(kind)) for kind in ("questions", "click_mode_advice")] == [0, 1]


@pytest.mark.parametrize("name", SWEEPS)
@pytest.mark.parametrize("days", [None, 0, 29, 3651])
def test_less_than_a_month_or_more_than_ten_years_is_refused(cast: Cast, name: str, days: int | None) -> None:
    """So a stolen worker's password forgets nothing that a link of a question still leads to."""
    with cast.raises("RB422", "kept_days__range", "kept_days"):
        cast.worker(name, kept_days=days)


@pytest.fixture
def years_of_tries(cast: Cast) -> Cast:
    """An organization with ten thousand failed tries of two years ago, whose mails ended then."""
    names = {"organization": cast.organization_id, "user": cast.user_id}
    cast.dba(_MANY_TRIES.format(count=OLD), **names)
    cast.dba(
        "update rubis.mail set status = 'queued', next_attempt_at = null,"
        " lease_expires_at = rubis.clock() where kind = 'verify_email'"
    )
    cast.dba("update rubis.mail set status = 'sending', attempts = 10 where kind = 'verify_email'")
    cast.dba(
        "update rubis.mail set status = 'failed', lease_expires_at = null,"
        " ended_at = rubis.clock() - interval '2 years' + mail_id * interval '1 second'"
        " where kind = 'verify_email'"
    )
    accept_another(cast)
    cast.session.connection.execute("analyze rubis.mail, rubis.mail_attempt")
    return cast


def test_ten_thousand_old_tries_go_in_pieces(years_of_tries: Cast) -> None:
    """A thousand at a time, each piece from where the last one ended; a young one stays."""
    cast = years_of_tries
    young = cast.invoice()
    cast.fail(cast.sending(young), "temporary")
    accept_another(cast)
    pieces, after = [], None
    while True:
        piece = cast.worker("prune_tries", kept_days=KEPT_DAYS, after=after)
        pieces.append(piece["deleted"])
        if (after := piece["after"]) is None:
            break
    assert sum(pieces) == OLD
    assert all(count <= 1000 for count in pieces)
    assert len(cast.mails(young)) == 1
    assert sweep(cast, "prune_notices", limit=100) == OLD / 10


def test_a_sweep_can_read_an_index_of_its_own(years_of_tries: Cast) -> None:
    """Its index serves it. Whether others, or the whole table, are read instead is a matter of statistics."""
    cast = years_of_tries
    cast.session.execute("set local enable_seqscan = off")
    cast.session.execute("set local enable_sort = off")
    cast.session.execute("discard plans")  # those of earlier tests
    for name, index in {
        "prune_tries": "mail_attempt__tried_at",
        "prune_notices": "mail__ended_at",
        "prune_clicks": "checkin_click__changed_nothing",
    }.items():
        before = scans(cast)
        cast.worker(name, kept_days=KEPT_DAYS, limit=100)
        assert scans(cast)[index] > before[index], name


def scans(cast: Cast) -> dict[str, int]:
    """How often each index, and each table from end to end, was scanned in this transaction."""
    rows = cast.session.rows(
        "select c.relname, pg_stat_get_xact_numscans(c.oid) as n from pg_class as c"
        " where c.relnamespace = 'rubis'::regnamespace and c.relkind in ('r', 'i')"
    )
    return {row["relname"]: row["n"] for row in rows}


def test_the_bounds_are_those_of_the_setting() -> None:
    """DETAILS_KEPT_DAYS takes what the functions take."""
    for days, fits in {29: False, 30: True, 3650: True, 3651: False}.items():
        if fits:
            Settings(_env_file=None, details_kept_days=days)
        else:
            with pytest.raises(ValueError, match="details_kept_days"):
                Settings(_env_file=None, details_kept_days=days)
