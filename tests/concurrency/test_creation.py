"""The same thing made twice at the same moment is made once, and the second is told which one there is."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.cast import Cast, Tally
from tests.support.race import Move, Race, by, sqlstate

FRESH = Tally(status="open", paid_events=0, rubis=0, answered=0, live_checkins=1, relances_ahead=1)
_ROUNDS = 12


def issue(cast: Cast, **changes: Any) -> Move:
    """The user issues an invoice."""
    return by("rubis_api", cast, lambda it: it.invoice(**changes))


def names(error: Any, invoice_id: int) -> bool:
    """Whether an error is the 409 that names this invoice."""
    assert isinstance(error, psycopg.Error)
    found = error.diag
    assert (found.sqlstate, found.constraint_name, found.column_name) == (
        "RB409",
        "invoice__number",
        "number",
    )
    return f"invoice {invoice_id}" in str(found.message_primary)


def test_the_same_number_twice(race: Race, cast: Cast) -> None:
    """Two invoices of one number at once: one is issued, the other refused with a 409 that names it."""
    met = race.meet(issue(cast, number="TWICE"), issue(cast, number="TWICE"))
    assert met.waited
    assert names(met.second, met.first)
    assert cast.tally(met.first) == FRESH


def test_a_number_given_to_another_invoice_meanwhile(race: Race, cast: Cast) -> None:
    """A number that another invoice takes at that moment is refused with the 409 that names it."""
    renumbered = cast.invoice()
    renumber: Move = by(
        "rubis_api",
        cast,
        lambda it: it.api("update_invoice", invoice_id=renumbered, changes='{"number": "TAKEN"}'),
    )
    met = race.meet(issue(cast, number="TAKEN"), renumber)
    assert met.waited
    assert names(met.second, met.first)


def test_a_number_freed_meanwhile(race: Race, cast: Cast) -> None:
    """A number is free as soon as its invoice is cancelled, also for one that waited for that."""
    old = cast.invoice(number="FREED")
    cancel: Move = by(
        "rubis_api",
        cast,
        lambda it: it.api("cancel_invoice", invoice_id=old),
    )
    met = race.meet(cancel, issue(cast, number="FREED"))
    assert met.waited
    assert cast.tally(met.second) == FRESH
    assert cast.tally(old).status == "cancelled"


def test_the_same_client_twice(race: Race, cast: Cast) -> None:
    """Two invoices that name one new client at once, whatever the case of its name, make one client."""
    met = race.meet(issue(cast, client_name="Neuve SARL"), issue(cast, client_name="NEUVE sarl"))
    assert met.waited
    clients = cast.session.rows(
        "select client_id from rubis.invoice where invoice_id = any (%s)", [[met.first, met.second]]
    )
    assert len(clients) == 2
    assert clients[0] == clients[1]


def test_a_storm_of_invoices(race: Race, cast: Cast) -> None:
    """Four times the same number and client at once, many times: one invoice and one client each."""
    current = {"number": "", "client_name": ""}

    def prepare(number: int) -> None:
        current.update(number=f"STORM-{number}", client_name=f"Storm {number}")

    moves: list[Move] = [by("rubis_api", cast, lambda it: it.invoice(**current))] * 4
    for results in race.rounds(moves, _ROUNDS, prepare):
        (issued,) = [result for result in results if isinstance(result, int)]
        assert all(names(result, issued) for result in results if result != issued)
        assert cast.tally(issued) == FRESH
    query = "select count(*) from rubis.client where organization_id = %s and name like 'Storm %%'"
    assert cast.session.value(query, [cast.organization_id]) == _ROUNDS


@pytest.mark.parametrize("second", ["validate", "discard"])
def test_a_draft_decided_twice(race: Race, cast: Cast, second: str) -> None:
    """A draft validated twice at once makes one invoice; one discarded meanwhile is too late."""
    draft = {
        "number": "DRAFT-1",
        "client_name": "Boulangerie Martin",
        "issued_on": "2026-01-02",
        "due_on": "2026-02-01",
        "amount_cents": 5000,
    }
    batch = cast.api("create_import_batch", drafts=Jsonb([draft]))
    ids = {
        "import_batch_id": batch["import_batch_id"],
        "import_draft_id": batch["drafts"][0]["import_draft_id"],
    }

    def decide(verb: str) -> Move:
        return by("rubis_api", cast, lambda it: it.api(f"{verb}_import_draft", **ids))

    met = race.meet(decide("validate"), decide(second))
    assert met.waited
    if second == "validate":
        assert met.second["invoice_id"] == met.first["invoice_id"]
    else:
        assert sqlstate(met.second) == "RB409"
    assert cast.tally(met.first["invoice_id"]) == FRESH


def register(cast: Cast, email: str, tokens: bytes) -> Any:
    """Somebody registers; the refresh token's hash is `tokens` 16 times, the access token's the reverse."""
    return cast.public(
        "register",
        email=email,
        password_hash="$argon2id$v=19$not-verified-here",
        full_name="Ana Petit",
        organization_name="Atelier Petit",
        locale="fr",
        access_token_hash=tokens[::-1] * 16,
        access_expires_in=timedelta(minutes=30),
        refresh_token_hash=tokens * 16,
        refresh_expires_in=timedelta(days=30),
    )


def test_the_same_account_twice(race: Race, cast: Cast) -> None:
    """One e-mail registers once, whatever its case, and leaves no second organization behind."""
    organizations = "select count(*) from rubis.organization"
    before = cast.session.value(organizations)

    met = race.meet(
        by("rubis_api", cast, lambda it: register(it, "twice@atelier.example", b"ab")),
        by("rubis_api", cast, lambda it: register(it, "Twice@Atelier.example", b"cd")),
    )
    assert met.waited
    assert sqlstate(met.second) == "RB409"
    assert cast.session.value(organizations) == before + 1


def test_the_same_refresh_token_twice(race: Race, cast: Cast) -> None:
    """A refresh token shown twice at once, as by two tabs, gives both a pair and ends no session."""
    register(cast, "refreshed@atelier.example", b"00")

    def refresh(tokens: bytes) -> Move:
        return by(
            "rubis_api",
            cast,
            lambda it: it.public(
                "refresh_session",
                refresh_token_hash=b"00" * 16,
                access_token_hash=tokens * 16,
                access_expires_in=timedelta(minutes=30),
                next_refresh_token_hash=tokens[::-1] * 16,
                refresh_expires_in=timedelta(days=30),
            ),
        )

    met = race.meet(refresh(b"12"), refresh(b"34"))
    assert met.waited
    assert (met.first["outcome"], met.second["outcome"]) == ("refreshed", "refreshed")
