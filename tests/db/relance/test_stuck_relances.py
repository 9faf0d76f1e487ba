"""audit.stuck_relances and audit.stuck_mail: what waits, why, what to do; read by the auditor."""

from collections.abc import Callable

import pytest

from tests.support.cast import Cast
from tests.support.letters import (
    ahead,
    begin_notice,
    fail_letter,
    pending,
    proven,
    send_letter,
    sending_letter,
    until_due,
)


def stuck(cast: Cast, view: str = "stuck_relances") -> list[dict[str, object]]:
    """What a view shows the auditor."""
    with cast.session.acting_as("rubis_auditor"):
        return cast.session.rows(f"select * from audit.{view}")


def test_no_relance_is_stuck_while_all_is_well(known: Cast) -> None:
    """Sent and planned; paused and excluded by the user's own will."""
    sent, paused, excluded = pending(known), pending(known), pending(known)
    known.api("pause_invoice", invoice_id=paused, until="2030-01-01", reason=None)
    known.update(excluded, relances_off=True)
    send_letter(known, sent)
    assert ahead(known, excluded)["status"] in ("held", "scheduled")
    assert stuck(known) == []
    assert stuck(known, "rule_held_relance_waits") == []


def test_due_and_no_tick(known: Cast) -> None:
    """A relance two minutes after its time that no tick has queued is stuck."""
    invoice_id = pending(known)
    known.clock.set(ahead(known, invoice_id)["next_look_at"])
    assert stuck(known) == []
    known.clock.advance(minutes=3)
    (row,) = stuck(known)
    assert "no tick has judged it" in str(row["why"])


def not_asked(known: Cast) -> int:
    """The mail to the owner was refused."""
    invoice_id = known.invoice()
    proven(known)
    known.bring(invoice_id, "failed")
    until_due(known, invoice_id)
    return invoice_id


def unproven(known: Cast) -> int:
    """The owner was asked at an address that no link has proven."""
    invoice_id = known.invoice()
    known.bring(invoice_id, "expired")
    until_due(known, invoice_id)
    return invoice_id


def without_address(known: Cast) -> int:
    """The client has no address."""
    invoice_id = pending(known)
    known.dba("update rubis.client set email = null")
    until_due(known, invoice_id)
    return invoice_id


def unconfirmed(known: Cast) -> int:
    """The letter may have arrived."""
    invoice_id = pending(known)
    fail_letter(known, sending_letter(known, invoice_id), "unknown")
    return invoice_id


@pytest.mark.parametrize(
    ("scene", "reason"),
    [
        (not_asked, "owner_not_asked"),
        (unproven, "address_unproven"),
        (without_address, "no_address"),
        (unconfirmed, "unconfirmed"),
    ],
)
def test_a_relance_that_waits_for_somebody_is_stuck(
    known: Cast, scene: Callable[[Cast], int], reason: str
) -> None:
    """Held, or its fate unknown: the reason and what to do."""
    invoice_id = scene(known)
    (row,) = stuck(known)
    assert (row["invoice_id"], row["reason"]) == (invoice_id, reason)
    assert row["what_to_do"]


def test_a_refused_address_is_stuck_until_there_is_a_new_one(known: Cast) -> None:
    """A relance whose address was refused is stuck until the client has another."""
    invoice_id = pending(known)
    fail_letter(known, sending_letter(known, invoice_id), "refused")
    (row,) = stuck(known)
    assert "refused" in str(row["why"])
    known.dba("update rubis.client set email = 'new@dupont.test'")
    assert stuck(known) == []


def test_letters_and_mails_to_users_that_do_not_leave(known: Cast) -> None:
    """Mail that does not leave is listed, operator failures first."""
    invoice_id = pending(known)
    fail_letter(known, sending_letter(known, invoice_id), "operator")
    known.dba("update rubis.app_user set email_proven_at = null")
    known.api("request_email_proof")
    known.fail(begin_notice(known), "temporary", "451")
    rows = stuck(known, "stuck_mail")
    assert [(row["kind"], row["failure_class"]) for row in rows] == [
        ("letter", "operator"),
        ("verify_email", "temporary"),
    ]
