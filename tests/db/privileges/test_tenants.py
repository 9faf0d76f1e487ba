"""No function of api reaches another organization: each one found in db/functions is tried."""

import secrets
from itertools import combinations
from typing import Any

import psycopg
import pytest

from app.deploy.deployment import DB_FOLDER
from tests.support.cast import Cast
from tests.support.world import IDS, TOKEN, World

FUNCTIONS = sorted(path.stem for path in DB_FOLDER.glob("functions/*/api.*.sql"))
PUBLIC = {
    *("api.register", "api.login", "api.find_credentials", "api.refresh_session", "api.logout"),
    *("api.answer_checkin", "api.confirm_checkin", "api.undo_checkin", "api.look_at_checkin"),
    *("api.prove_email", "api.look_at_email_proof", "api.readiness", "api.measure_flow"),
    *("api.show_status", "api.count_attempt"),
    *("api.request_password_reset", "api.look_at_password_reset", "api.reset_password"),
    *("api.look_at_email_change", "api.decide_email_change"),
}
FOREIGN_CHANGES = {
    "api.update_invoice": {"client_id": "client"},
    "api.update_client": {"relance_plan_id": "relance_plan"},
}
"""Changes that name a row: which table's."""


def test_the_files_are_the_functions(world: World) -> None:
    """What is tried below is what there is; all but the public ones take the access token first."""
    found = world.session.rows(
        "select p.oid::regproc::text as name, coalesce(p.proargnames[1], '') as first from pg_proc as p"
        " where p.pronamespace = 'api'::regnamespace"
    )
    assert sorted(row["name"] for row in found) == FUNCTIONS
    assert {row["name"] for row in found if row["first"] != TOKEN} == PUBLIC


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name not in PUBLIC])
def test_a_function_reaches_no_other_organization(world: World, function: str) -> None:
    """With the user's own ids it works and shows nothing of the other; with the other's it finds nothing.

    In no case is one row of the other organization changed.
    """
    before = world.rows_of(world.other)
    with world.session.connection.transaction(force_rollback=True):
        result = world.call(function, world.arguments(function))
        assert result is not None
        assert world.shows_the_other(result) == []
        assert world.rows_of(world.other) == before
    named = [name for name in world.parameters(function) if name in IDS]
    for count in range(1, len(named) + 1):
        for foreign in combinations(named, count):
            refused(world, function, world.arguments(function, foreign))
    for field, table in FOREIGN_CHANGES.get(function, {}).items():
        changes = Cast.json({field: world.newest(world.other, table)})
        refused(world, function, world.arguments(function) | {"p_changes": changes})
    assert world.rows_of(world.other) == before


def refused(world: World, function: str, arguments: dict[str, Any]) -> None:
    """Call it with the other organization's ids: they do not exist, and my rows stay as they are."""
    mine = world.rows_of(world.mine)
    with pytest.raises(psycopg.Error) as caught, world.session.connection.transaction():
        pytest.fail(f"returned {world.call(function, arguments)}")
    found = caught.value.diag
    assert (found.sqlstate, found.constraint_name) in {
        ("RB404", "invoice__missing"),
        ("RB404", "session__missing"),
        ("RB404", "client__missing"),
        ("RB404", "import_batch__missing"),
        ("RB404", "import_draft__missing"),
        ("RB404", "relance__missing"),
        ("RB404", "relance_plan__missing"),
        ("RB422", "client__merged_into"),
        ("RB422", "invoice__client"),
        ("RB422", "client__relance_plan"),
        ("RB422", "preview__invoice"),
    }
    assert found.message_primary
    assert "Voisin" not in found.message_primary
    assert world.rows_of(world.mine) == mine


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name not in PUBLIC])
def test_a_function_asks_who_calls(world: World, function: str) -> None:
    """No token, an unknown one, one expired this moment, a refresh token: RB401, and nothing is written."""
    expired = secrets.token_bytes(32)
    world.session.execute(
        "insert into rubis.access_token (organization_id, user_id, session_id, token_hash, expires_at)"
        " values (%s, %s, gen_random_uuid(), %s, rubis.clock())",
        [world.mine.organization_id, world.mine.user_id, expired],
    )
    refresh = world.session.value(
        "select token_hash from rubis.refresh_token where organization_id = %s", [world.mine.organization_id]
    )
    before = world.rows_of(world.mine)
    for token in (None, b"", secrets.token_bytes(32), expired, refresh):
        with world.session.raises("RB401", "access_token__unknown"):
            world.call(function, world.arguments(function) | {TOKEN: token})
    assert world.rows_of(world.mine) == before


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name not in PUBLIC])
def test_the_question_who_calls_comes_first(world: World, function: str) -> None:
    """Without a token nothing is learnt from the other arguments' errors."""
    nonsense: dict[str, Any] = dict.fromkeys(world.arguments(function))
    with world.session.raises("RB401", "access_token__unknown"):
        world.call(function, nonsense)


@pytest.mark.parametrize("receipt", [False, True])
@pytest.mark.parametrize(
    ("function", "outcome"),
    [
        ("api.answer_checkin", "paid"),
        ("api.confirm_checkin", "paid"),
        ("api.undo_checkin", "unchanged"),
        ("api.look_at_checkin", None),
    ],
)
def test_a_link_reaches_its_own_organization_alone(
    world: World, function: str, outcome: str | None, *, receipt: bool
) -> None:
    """The public ones: my token is a right to my invoice, and leaves every row of the other organization."""
    before = world.rows_of(world.other)
    token = world.session.value(
        "select x.token_hash from rubis.mail_item as x join rubis.mail as m using (organization_id, mail_id)"
        " where x.organization_id = %s and m.kind = %s"
        " order by x.mail_id desc, x.attempt desc, x.position desc limit 1",
        [world.mine.organization_id, "receipts" if receipt else "questions"],
    )
    given = {"p_token_hash": token, "p_answer": "paid", "p_user_agent": "Firefox"}
    result = world.call(function, {name: given[name] for name in world.parameters(function)})
    if outcome is None:
        assert result["organization_name"] == "Atelier"
    else:
        assert result == ("invalid" if receipt and function != "api.undo_checkin" else outcome)
    assert world.shows_the_other(result) == []
    assert world.rows_of(world.other) == before


@pytest.mark.parametrize("function", ["api.confirm_checkin", "api.undo_checkin", "api.look_at_checkin"])
def test_a_link_is_no_session(world: World, function: str) -> None:
    """Neither an access token nor a refresh token nor the proof of an address is a right to a check-in."""
    before = world.rows_of(world.mine)
    given = {"p_answer": "paid", "p_user_agent": "Firefox"}
    proof = world.session.value(
        "select token_hash from rubis.mail_item join rubis.mail using (organization_id, mail_id)"
        " where organization_id = %s and kind = 'verify_email'",
        [world.mine.organization_id],
    )
    refresh = world.session.value(
        "select token_hash from rubis.refresh_token where organization_id = %s", [world.mine.organization_id]
    )
    for token in (None, b"", world.mine.access, refresh, proof, secrets.token_bytes(32)):
        arguments = given | {"p_token_hash": token}
        named = {name: arguments[name] for name in world.parameters(function)}
        assert world.call(function, named) in (None, "invalid")
    assert world.rows_of(world.mine) == before
