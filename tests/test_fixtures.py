"""The fixtures of all tests do what they say."""

from datetime import UTC, datetime

import pytest

from tests.support.database import Database
from tests.support.session import Session


@pytest.mark.parametrize("user", ["rubis_owner", "rubis_api", "rubis_worker", "rubis_auditor"])
def test_a_session_is_the_role_it_says(database: Database, user: str) -> None:
    """Every role has a session of its own, in UTC."""
    session = database.session(user)
    assert session.value("select current_user") == user
    assert session.value("select current_setting('timezone')") == "UTC"


def test_a_databases_clock_holds_for_every_session(database: Database) -> None:
    """Time stands where the test put it, for sessions that were open before and those that come after."""
    before = database.owner()
    database.clock.set("2026-03-29 09:00 Europe/Paris")
    assert before.value("select rubis.clock()") == datetime(2026, 3, 29, 7, tzinfo=UTC)
    database.clock.advance(hours=1)
    assert before.value("select rubis.clock()") == datetime(2026, 3, 29, 8, tzinfo=UTC)
    assert database.owner().value("select rubis.clock()") == datetime(2026, 3, 29, 8, tzinfo=UTC)


@pytest.mark.parametrize("turn", [1, 2])
def test_tx_leaves_nothing_behind(tx: Session, turn: int) -> None:
    """What a test wrote in `tx`, its clock included, is gone in the next."""
    assert tx.value("select to_regclass('public.left_behind')") is None, turn
    assert tx.clock.now().year != 2001
    tx.execute("create table rubis.left_behind ()")
    tx.clock.set("2001-01-01 00:00 UTC")
    with tx.acting_as("rubis_api"):
        assert tx.value("select current_user") == "rubis_api"
        with tx.raises("42501"):
            tx.execute("table rubis.left_behind")
    assert tx.value("select current_user") == "rubis_owner"
