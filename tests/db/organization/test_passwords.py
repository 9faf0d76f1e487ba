"""Forgotten and changed passwords: what a mailed token may do, for how long, and what ends with it."""

import secrets
from datetime import timedelta

import pytest

from app.core.security import token_hash
from tests.support.cast import Cast
from tests.support.letters import begin_notice
from tests.support.line import PASSWORD_HASH, Token

NEW = PASSWORD_HASH + "b"


def mailed(cast: Cast) -> Token:
    """Ask for a link and send it as the worker does; its token."""
    cast.public("request_password_reset", email=cast.email.upper())
    begun = begin_notice(cast, "reset_password")
    cast.finish(begun)
    cast.clock.advance(seconds=1)
    token: Token = begun["token"]
    return token


def outcome(cast: Cast, token: bytes, password_hash: str = NEW) -> str:
    """Send the form of the page."""
    said: str = cast.public("reset_password", token_hash=token, password_hash=password_hash)["outcome"]
    return said


def user(cast: Cast, column: str) -> object:
    """A column of the user's row."""
    return cast.session.value(f"select {column} from rubis.app_user where user_id = %s", [cast.user_id])


def test_a_forgotten_password_is_replaced_once(cast: Cast) -> None:
    """All sessions end, the address is proven, a mail tells; the link, and any other, has had its day."""
    other = mailed(cast)
    token = mailed(cast)
    assert cast.public("look_at_password_reset", token_hash=token) == {"outcome": "open", "email": cast.email}
    assert user(cast, "email_proven_at") is None
    assert outcome(cast, token) == "changed"
    assert user(cast, "password_hash") == NEW
    assert user(cast, "email_proven_at") is not None
    with cast.raises("RB401", "access_token__unknown"):
        cast.api("get_me")
    assert cast.session.value("select count(*) from rubis.refresh_token where revoked_at is null") == 0
    assert [outcome(cast, used, PASSWORD_HASH) for used in (token, other)] == ["used", "used"]
    assert cast.public("look_at_password_reset", token_hash=other) == {"outcome": "used"}
    assert user(cast, "password_hash") == NEW
    assert [mail["data"].keys() for mail in cast.notices("password_changed")] == [{"changed_at"}]


def test_a_link_for_a_forgotten_password_works_for_an_hour(cast: Cast) -> None:
    """To the second after the mail's acceptance; a token of nobody and of another kind opens nothing."""
    token = mailed(cast)
    cast.clock.advance(hours=1, seconds=-1)
    assert outcome(cast, token) == "expired"
    cast.api("request_email_proof")
    proof = begin_notice(cast)["token"]
    assert [outcome(cast, t) for t in (secrets.token_bytes(32), proof)] == ["invalid", "invalid"]
    assert cast.public("prove_email", token_hash=token) == {"outcome": "invalid"}
    assert user(cast, "password_hash") == PASSWORD_HASH
    late = mailed(cast)
    cast.clock.advance(minutes=59)
    assert outcome(cast, late) == "changed"


def test_a_link_is_for_the_address_it_was_mailed_to(cast: Cast) -> None:
    """Who reads the mailbox of an address that was given up gets no password."""
    token = mailed(cast)
    cast.dba("update rubis.app_user set email = 'neue@atelier.test' where user_id = %s", cast.user_id)
    assert outcome(cast, token) == "expired"


@pytest.mark.parametrize(("is_proven", "in_a_day"), [(True, 72), (False, 5)])
def test_others_cannot_use_up_the_links(cast: Cast, is_proven: bool, in_a_day: int) -> None:
    """Three an hour: one of them is alive whenever no other is made. A stranger's mailbox gets five a day."""
    if is_proven:
        cast.dba("update rubis.app_user set email_proven_at = rubis.clock()")
    for _ in range(24 * 12):
        cast.public("request_password_reset", email=cast.email)
        cast.clock.advance(minutes=5)
    assert len(cast.notices("reset_password")) == in_a_day
    cast.public("request_password_reset", email="nobody@atelier.test")


def test_a_link_does_not_leave_after_the_password_changed(cast: Cast) -> None:
    """A mail that waited is overtaken."""
    cast.public("request_password_reset", email=cast.email)
    cast.clock.advance(seconds=1)
    cast.api("change_password", password_hash=PASSWORD_HASH, new_password_hash=NEW)
    assert begin_notice(cast, "reset_password")["skip_reason"] == "the password was changed"


def test_a_changed_password_ends_other_sessions(cast: Cast) -> None:
    """The one that changes it stays; the old password's hash must still be the stored one."""
    other = secrets.token_bytes(32)
    tokens = {"access_token_hash": other, "access_expires_in": timedelta(days=1)}
    cast.public("login", email=cast.email, password_hash=PASSWORD_HASH, **tokens)
    assert cast.api("find_own_credentials") == {"email": cast.email, "password_hash": PASSWORD_HASH}
    with cast.raises("RB422", "app_user__password", "password"):
        cast.api("change_password", password_hash=NEW, new_password_hash=NEW)
    assert cast.public("get_me", access_token_hash=other)
    cast.api("change_password", password_hash=PASSWORD_HASH, new_password_hash=NEW)
    assert cast.api("get_me")["user"]["user_id"] == cast.user_id
    with cast.raises("RB401", "access_token__unknown"):
        cast.public("get_me", access_token_hash=other)
    assert len(cast.notices("password_changed")) == 1


def test_a_plain_password_cannot_be_stored(cast: Cast) -> None:
    """The table's rule holds at each door."""
    token = mailed(cast)
    assert token_hash(token.plain) == token
    with cast.raises("23514", "app_user__password_hash"):
        outcome(cast, token, "a plain password")
    with cast.raises("23514", "app_user__password_hash"):
        cast.api("change_password", password_hash=PASSWORD_HASH, new_password_hash="a plain password")
