"""The stored functions behind registration and sessions: outcomes and errors."""

import secrets
from datetime import timedelta
from typing import Any

import pytest

from tests.support.cast import Cast

PASSWORD = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"


def tokens(access: bytes | None = None, refresh: bytes | None = None) -> dict[str, Any]:
    """A new pair of tokens: half an hour and thirty days."""
    return {
        "access_token_hash": access or secrets.token_bytes(32),
        "access_expires_in": timedelta(minutes=30),
        "refresh_token_hash": refresh or secrets.token_bytes(32),
        "refresh_expires_in": timedelta(days=30),
    }


def refresh(cast: Cast, token: bytes) -> tuple[str, bytes, bytes]:
    """Exchange a refresh token; returns the outcome and the next access and refresh tokens."""
    pair = tokens()
    pair["next_refresh_token_hash"] = pair.pop("refresh_token_hash")
    outcome = cast.public("refresh_session", refresh_token_hash=token, **pair)["outcome"]
    return outcome, pair["access_token_hash"], pair["next_refresh_token_hash"]


def register(cast: Cast, email: str, **changes: Any) -> Any:
    """Register somebody else."""
    facts = {
        "email": email,
        "password_hash": PASSWORD,
        "full_name": "Dominique Petit",
        "organization_name": "Autre",
        "locale": None,
        **tokens(),
    }
    return cast.public("register", **(facts | changes))


def test_an_e_mail_has_one_account(cast: Cast) -> None:
    """Whatever its case; and no organization is left behind."""
    count = "select count(*) from rubis.organization"
    before = cast.session.value(count)
    with cast.raises("RB409", "app_user__email", "email"):
        register(cast, cast.email.upper())
    assert cast.session.value(count) == before


@pytest.mark.parametrize(
    ("changes", "sqlstate", "constraint"),
    [
        ({"email": "a@b\n.test"}, "23514", "email__form"),
        ({"password_hash": "secret"}, "23514", "app_user__password_hash"),
        ({"full_name": "A\tB"}, "23514", "line__one_line"),
        ({"organization_name": ""}, "23514", "line__one_line"),
        ({"locale": "xx"}, "23514", "locale__known"),
        ({"access_token_hash": b"short"}, "23514", "sha256__length"),
        ({"refresh_token_hash": b"short"}, "23514", "sha256__length"),
    ],
)
def test_a_bad_registration_writes_nothing(
    cast: Cast, changes: dict[str, Any], sqlstate: str, constraint: str
) -> None:
    """The tables' rules hold; a plain password cannot be stored by mistake."""
    with cast.raises(sqlstate, constraint):
        register(cast, **{"email": "new@autre.test", **changes})


def test_credentials_are_a_hash_and_nothing_else(cast: Cast) -> None:
    """Whatever the case of the e-mail; null for a stranger."""
    assert cast.public("find_credentials", email=cast.email.upper()) == {"password_hash": PASSWORD}
    assert cast.public("find_credentials", email="nobody@autre.test") is None


def test_login_needs_the_stored_hash(cast: Cast) -> None:
    """A password changed between the check and the login opens nothing."""
    assert cast.public("login", email=cast.email, password_hash=PASSWORD, **tokens())["user"]["email"]
    for email, password_hash in (
        (cast.email, PASSWORD + "x"),
        ("nobody@autre.test", PASSWORD),
        (None, None),
    ):
        with cast.raises("RB401", "app_user__credentials"):
            cast.public("login", email=email, password_hash=password_hash, **tokens())


def test_a_refresh_token_is_exchanged_once(cast: Cast) -> None:
    """And once more within 30 s; then a use revokes the whole session: the stolen pair is worth nothing."""
    first = secrets.token_bytes(32)
    cast.public("login", email=cast.email, password_hash=PASSWORD, **tokens(refresh=first))
    outcome, access, second = refresh(cast, first)
    assert outcome == "refreshed"
    assert cast.public("get_me", access_token_hash=access)["user"]["user_id"] == cast.user_id
    cast.clock.advance(seconds=29)
    assert refresh(cast, first)[0] == "refreshed"
    cast.clock.advance(seconds=1)
    assert refresh(cast, first)[0] == "reused"
    with cast.raises("RB401", "access_token__unknown"):
        cast.public("get_me", access_token_hash=access)
    assert refresh(cast, second)[0] == "expired"


def test_other_refresh_tokens_open_nothing(cast: Cast) -> None:
    """Unknown, run out to the second, or signed out."""
    assert refresh(cast, b"\x00" * 32)[0] == "unknown"
    late, out = secrets.token_bytes(32), secrets.token_bytes(32)
    for token in (late, out):
        cast.public("login", email=cast.email, password_hash=PASSWORD, **tokens(refresh=token))
    cast.public("logout", refresh_token_hash=out)
    assert refresh(cast, out)[0] == "expired"
    cast.clock.advance(days=30)
    assert refresh(cast, late)[0] == "expired"


def test_signing_out_ends_one_session(cast: Cast) -> None:
    """Its access token is gone at once; the user's other session goes on; a stranger's token ends nothing."""
    access, refresh_token = secrets.token_bytes(32), secrets.token_bytes(32)
    cast.public("login", email=cast.email, password_hash=PASSWORD, **tokens(access, refresh_token))
    cast.public("logout", refresh_token_hash=b"\x00" * 32)
    assert cast.public("get_me", access_token_hash=access)
    cast.public("logout", refresh_token_hash=refresh_token)
    with cast.raises("RB401", "access_token__unknown"):
        cast.public("get_me", access_token_hash=access)
    assert cast.api("get_me")


@pytest.mark.parametrize(("minutes", "known"), [(29, True), (30, False)])
def test_an_access_token_lives_half_an_hour(cast: Cast, minutes: int, known: bool) -> None:
    """An access token serves until the moment it expires, not at it."""
    access = secrets.token_bytes(32)
    cast.public("login", email=cast.email, password_hash=PASSWORD, **tokens(access))
    cast.clock.advance(minutes=minutes)
    if known:
        assert cast.public("get_me", access_token_hash=access)
    else:
        with cast.raises("RB401", "access_token__unknown"):
            cast.public("get_me", access_token_hash=access)


def test_pruning_deletes_what_has_expired(cast: Cast) -> None:
    """At most so many of each kind; what lives stays, used refresh tokens included."""
    for _ in range(3):
        cast.public("login", email=cast.email, password_hash=PASSWORD, **tokens())
    assert cast.worker("prune_tokens", limit=100) == {"access_tokens": 0, "refresh_tokens": 0}
    cast.clock.advance(minutes=30)
    assert cast.worker("prune_tokens", limit=2) == {"access_tokens": 2, "refresh_tokens": 0}
    assert cast.worker("prune_tokens", limit=2) == {"access_tokens": 1, "refresh_tokens": 0}
    cast.clock.advance(days=30)
    assert cast.worker("prune_tokens", limit=100) == {"access_tokens": 0, "refresh_tokens": 3}
    assert cast.api("get_me")
