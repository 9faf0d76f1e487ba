"""A changed address: made from the new mailbox, stopped from the old one, also afterwards."""

import secrets
from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.letters import begin_notice, calendar, pending, proven, until_queued
from tests.support.line import PASSWORD_HASH, Token

NEW = "neuve@atelier.test"


def asked(cast: Cast, email: str = NEW) -> tuple[Token, Token]:
    """Ask for a change and send both mails: the tokens of the new address and of the old one."""
    cast.clock.advance(seconds=1)
    cast.api("request_email_change", email=email, password_hash=PASSWORD_HASH)
    tokens = []
    for kind, address in (("change_email", email), ("email_changing", address_of(cast))):
        begun = begin_notice(cast, kind)
        assert begun["to_address"] == address
        cast.finish(begun)
        tokens.append(begun["token"])
    return tokens[0], tokens[1]


def press(cast: Cast, token: bytes) -> str:
    """Press the button of the page."""
    outcome: str = cast.public("decide_email_change", token_hash=token)["outcome"]
    return outcome


def address_of(cast: Cast) -> str:
    """The user's address."""
    email: str = cast.session.value("select email from rubis.app_user where user_id = %s", [cast.user_id])
    return email


def test_an_address_changes_by_the_button_of_the_new_one(cast: Cast) -> None:
    """Only then; it is proven, what was asked at the old one is looked at again, the sessions stay."""
    calendar(cast)
    proven(cast)
    old = cast.email
    new, told = asked(cast)
    look = {"old_email": old, "new_email": NEW, "is_changed": False, "outcome": "open"}
    assert cast.public("look_at_email_change", token_hash=new) == look | {"act": "change"}
    assert cast.public("look_at_email_change", token_hash=told) == look | {"act": "stop"}
    assert address_of(cast) == old
    assert [press(cast, new), press(cast, new)] == ["changed", "changed"]
    assert address_of(cast) == NEW
    user = cast.session.row("select * from rubis.app_user where user_id = %s", [cast.user_id])
    assert (user["email_proven_at"], user["release_due"]) == (cast.now(), True)
    assert cast.api("get_me")["user"]["email"] == NEW


@pytest.mark.parametrize("moves", [False, True])
def test_what_was_asked_at_the_old_address_is_asked_again(cast: Cast, moves: bool) -> None:
    """An answer to a question that was mailed to the old one lets no letter leave."""
    calendar(cast)
    proven(cast)
    invoice_id = pending(cast)
    if moves:
        assert press(cast, asked(cast)[0]) == "changed"
    until_queued(cast, invoice_id)
    sent = cast.session.rows(
        "select a.to_address from rubis.mail_attempt as a join rubis.mail as m"
        " using (organization_id, mail_id) where m.kind = 'questions' order by a.attempted_at, a.mail_id"
    )
    assert [row["to_address"] for row in sent] == [cast.email, *([NEW] if moves else [])]


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_old_address_stops_it(cast: Cast, when: str) -> None:
    """Before: nothing changes. After: it is put back, all sessions end, the password opens nothing more."""
    proven(cast)
    old = cast.email
    new, told = asked(cast)
    if when == "after":
        assert press(cast, new) == "changed"
        cast.clock.advance(days=6, hours=23)
        thief, _ = cast.api("request_email_change", email="a@b.test", password_hash=PASSWORD_HASH), None
        assert thief["email"] == NEW
    assert press(cast, told) == "stopped"
    assert address_of(cast) == old
    assert [press(cast, new), press(cast, told)] == ["stopped", "stopped"]
    count = "select count(*) from rubis.address_change where stopped_at is null"
    assert cast.session.value(count) == 0
    assert begin_notice(cast, "change_email")["skip_reason"] is not None
    if when == "before":
        assert cast.api("get_me")
        return
    with cast.raises("RB401", "access_token__unknown"):
        cast.api("get_me")
    with cast.raises("RB401", "app_user__credentials"):
        tokens = {"access_token_hash": secrets.token_bytes(32), "access_expires_in": timedelta(days=1)}
        cast.public("login", email=old, password_hash=PASSWORD_HASH, **tokens)
    cast.clock.advance(seconds=1)
    reset = begin_notice(cast, "reset_password")
    assert reset["to_address"] == old
    said = cast.public("reset_password", token_hash=reset["token"], password_hash=PASSWORD_HASH)
    assert said == {"outcome": "changed"}


def test_a_later_thief_cannot_put_the_stolen_address_back(cast: Cast) -> None:
    """Who stops a change stops what came after it too."""
    proven(cast)
    old = cast.email
    new, told = asked(cast)
    assert press(cast, new) == "changed"
    later, stolen = asked(cast, "encore@atelier.test")
    assert press(cast, later) == "changed"
    assert press(cast, told) == "stopped"
    assert address_of(cast) == old
    assert press(cast, stolen) == "stopped"
    assert address_of(cast) == old


def test_both_links_have_their_time(cast: Cast) -> None:
    """24 hours for the change, seven days from the change on for stopping it; a newer wish ends an older."""
    proven(cast)
    first, _ = asked(cast)
    new, told = asked(cast)
    assert press(cast, first) == "stopped"
    cast.clock.advance(hours=23)
    assert press(cast, new) == "changed"
    cast.clock.advance(days=7)
    assert press(cast, told) == "expired"
    late, _ = asked(cast, "encore@atelier.test")
    cast.clock.advance(hours=24)
    assert press(cast, late) == "expired"
    assert press(cast, secrets.token_bytes(32)) == "invalid"


def test_an_address_with_an_account_is_taken(cast: Cast) -> None:
    """Who reads its mailbox is told, and nobody else; nothing changes."""
    proven(cast)
    other = Cast(cast.line, now=None)
    new, _ = asked(cast, other.email)
    assert press(cast, new) == "taken"
    assert address_of(cast) != other.email


def test_what_is_refused(cast: Cast) -> None:
    """A wrong password, the same address, the sixth of a day; an address nobody has proven is not told."""
    with cast.raises("RB422", "app_user__password", "password"):
        cast.api("request_email_change", email=NEW, password_hash=PASSWORD_HASH + "x")
    for same in (cast.email.upper(), None):
        with cast.raises("RB422", "app_user__same_email", "email"):
            cast.api("request_email_change", email=same, password_hash=PASSWORD_HASH)
    with cast.raises("23514", "email__form"):
        cast.api("request_email_change", email="no address", password_hash=PASSWORD_HASH)
    for _ in range(5):
        cast.api("request_email_change", email=NEW, password_hash=PASSWORD_HASH)
    assert cast.notices("email_changing") == []
    with cast.raises("RB429", "rate_limit__email_change", "email"):
        cast.api("request_email_change", email=NEW, password_hash=PASSWORD_HASH)
