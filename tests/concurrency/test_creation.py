"""The same thing made twice at the same moment is made once, and the second is told which one there is."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.flow import Facts, Flow
from tests.support.race import Move, Race, sqlstate

FRESH = Facts(status="open", paid_events=0, rubis=0, answered=0, live_checkins=1, relances_ahead=1)
_ROUNDS = 12


def issue(flow: Flow, **changes: Any) -> Move:
    """The user issues an invoice."""
    return "rubis_api", lambda session: flow.issue_as(session, **changes)


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


def test_the_same_number_twice(race: Race, flow: Flow) -> None:
    """Two invoices of one number at once: one is issued, the other refused with a 409 that names it."""
    met = race.meet(issue(flow, p_number="TWICE"), issue(flow, p_number="TWICE"))
    assert met.waited
    assert names(met.second, met.first)
    assert flow.facts(met.first) == FRESH


def test_a_number_given_to_another_invoice_meanwhile(race: Race, flow: Flow) -> None:
    """A number that another invoice takes at that moment is refused with the 409 that names it."""
    renumbered = flow.issue()
    renumber: Move = (
        "rubis_api",
        lambda session: session.call(
            "api.update_invoice",
            p_access_token_hash=flow.access,
            p_invoice_id=renumbered,
            p_changes='{"number": "TAKEN"}',
        ),
    )
    met = race.meet(issue(flow, p_number="TAKEN"), renumber)
    assert met.waited
    assert names(met.second, met.first)


def test_a_number_freed_meanwhile(race: Race, flow: Flow) -> None:
    """A number is free as soon as its invoice is cancelled, also for one that waited for that."""
    old = flow.issue(p_number="FREED")
    cancel: Move = (
        "rubis_api",
        lambda session: session.call("api.cancel_invoice", p_access_token_hash=flow.access, p_invoice_id=old),
    )
    met = race.meet(cancel, issue(flow, p_number="FREED"))
    assert met.waited
    assert flow.facts(met.second) == FRESH
    assert flow.facts(old).status == "cancelled"


def test_the_same_client_twice(race: Race, flow: Flow) -> None:
    """Two invoices that name one new client at once, whatever the case of its name, make one client."""
    met = race.meet(issue(flow, p_client_name="Neuve SARL"), issue(flow, p_client_name="NEUVE sarl"))
    assert met.waited
    clients = flow.database.admin.rows(
        "select client_id from rubis.invoice where invoice_id = any (%s)", [[met.first, met.second]]
    )
    assert len(clients) == 2
    assert clients[0] == clients[1]


def test_a_storm_of_invoices(race: Race, flow: Flow) -> None:
    """Four times the same number and client at once, many times: one invoice and one client each."""
    current = {"p_number": "", "p_client_name": ""}

    def prepare(number: int) -> None:
        current.update(p_number=f"STORM-{number}", p_client_name=f"Storm {number}")

    moves: list[Move] = [("rubis_api", lambda session: flow.issue_as(session, **current))] * 4
    for results in race.rounds(moves, _ROUNDS, prepare):
        (issued,) = [result for result in results if isinstance(result, int)]
        assert all(names(result, issued) for result in results if result != issued)
        assert flow.facts(issued) == FRESH
    query = "select count(*) from rubis.client where organization_id = %s and name like 'Storm %%'"
    assert flow.database.admin.value(query, [flow.organization_id]) == _ROUNDS


@pytest.mark.parametrize("second", ["validate", "discard"])
def test_a_draft_decided_twice(race: Race, flow: Flow, second: str) -> None:
    """A draft validated twice at once makes one invoice; one discarded meanwhile is too late."""
    draft = {
        "number": "DRAFT-1",
        "client_name": "Boulangerie Martin",
        "issued_on": "2026-01-02",
        "due_on": "2026-02-01",
        "amount_cents": 5000,
    }
    batch = flow.call("api.create_import_batch", p_drafts=Jsonb([draft]))
    ids = {
        "p_import_batch_id": batch["import_batch_id"],
        "p_import_draft_id": batch["drafts"][0]["import_draft_id"],
    }

    def decide(verb: str) -> Move:
        return "rubis_api", lambda session: session.call(
            f"api.{verb}_import_draft", p_access_token_hash=flow.access, **ids
        )

    met = race.meet(decide("validate"), decide(second))
    assert met.waited
    if second == "validate":
        assert met.second["invoice_id"] == met.first["invoice_id"]
    else:
        assert sqlstate(met.second) == "RB409"
    assert flow.facts(met.first["invoice_id"]) == FRESH


def test_the_same_account_twice(race: Race, flow: Flow) -> None:
    """One e-mail registers once, whatever its case, and leaves no second organization behind."""
    organizations = "select count(*) from rubis.organization"
    before = flow.database.admin.value(organizations)

    def register(email: str, tokens: bytes) -> Move:
        return "rubis_api", lambda session: session.call(
            "api.register",
            p_email=email,
            p_password_hash="$argon2id$v=19$not-verified-here",
            p_full_name="Ana Petit",
            p_organization_name="Atelier Petit",
            p_locale="fr",
            p_access_token_hash=tokens * 16,
            p_access_expires_in=timedelta(minutes=30),
            p_refresh_token_hash=tokens[::-1] * 16,
            p_refresh_expires_in=timedelta(days=30),
        )

    met = race.meet(register("twice@atelier.example", b"ab"), register("Twice@Atelier.example", b"cd"))
    assert met.waited
    assert sqlstate(met.second) == "RB409"
    assert flow.database.admin.value(organizations) == before + 1


def test_the_same_refresh_token_twice(race: Race, flow: Flow) -> None:
    """A refresh token shown twice at once opens one session; the second is taken for theft and ends it."""

    def refresh(tokens: bytes) -> Move:
        return "rubis_api", lambda session: session.call(
            "api.refresh_session",
            p_refresh_token_hash=flow.refresh,
            p_access_token_hash=tokens * 16,
            p_access_expires_in=timedelta(minutes=30),
            p_next_refresh_token_hash=tokens[::-1] * 16,
            p_refresh_expires_in=timedelta(days=30),
        )

    met = race.meet(refresh(b"12"), refresh(b"34"))
    assert met.waited
    assert (met.first["outcome"], met.second["outcome"]) == ("refreshed", "reused")
