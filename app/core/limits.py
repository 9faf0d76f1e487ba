"""How often an address or e-mail may attempt what can be guessed: all processes count in the database.

Every door to the same secret counts under the same key, so a second process or a second kind of page doubles
no guesses. Without the database no limited attempt is answered: each of them needs it anyway.
"""

import asyncio
import hashlib
import re
import time
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from app.core.database import Database
from app.core.errors import ApiError

if TYPE_CHECKING:
    from app.core.settings import Settings

_RATE = re.compile(r"([1-9][0-9]{0,5})/(second|minute|hour|day)")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_REFUSED_KEYS = 10_000
SLOWED_SECONDS = 2.0
"""How long an attempt at an e-mail waits that many try."""


class Rate(NamedTuple):
    """So many attempts in so much time: `10/minute`."""

    amount: int
    period: timedelta

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Raises ValueError for anything but `10/minute`, with second, hour and day as the other periods."""
        found = _RATE.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return cls(int(found[1]), timedelta(seconds=_SECONDS[found[2]]))


class _Attempt(NamedTuple):
    """One key to count under. `known_as`: how this process remembers it, where the database makes it."""

    kind: str
    key: bytes
    rate: Rate
    known_as: bytes | None = None


class Limits:
    """The limited attempts: signing in by address, by e-mail from an address, and by e-mail; unknown tokens.

    An attempt costs one call of the database. A key that is over its limit costs none: this process remembers
    until when it has to refuse it. An e-mail is never refused for what others try: its attempts only wait.
    """

    def __init__(self, database: Database, sign_in: str, pair: str, email: str, invalid_token: str) -> None:
        """The rates as `10/minute`. Raises ValueError on anything else."""
        self._database = database
        self._sign_in = Rate.parse(sign_in)
        self._pair = Rate.parse(pair)
        self._email = Rate.parse(email)
        self._invalid_token = Rate.parse(invalid_token)
        self._refused_until: dict[bytes, float] = {}

    @classmethod
    def of(cls, database: Database, settings: "Settings") -> "Limits":
        """Those of the settings."""
        return cls(
            database,
            settings.limit_sign_in,
            settings.limit_sign_in_pair,
            settings.limit_sign_in_email,
            settings.limit_invalid_token,
        )

    async def sign_in(self, address: str, email: str) -> None:
        """Count an attempt to sign in or register, whether or not it succeeds.

        Raises 429 over the limit of the address, or of this e-mail from this address. Over the limit of the
        e-mail from all addresses together, whoever tries waits, the owner too, and is let through.

        It counts before the password is checked, so that simultaneous attempts count like successive ones.
        """
        pair = _key("sign-in pair", address)
        attempts = [
            _Attempt("address", _key("sign-in address", address), self._sign_in),
            _Attempt("pair", pair, self._pair, _key(pair.hex(), email.casefold())),
            _Attempt("email", _key("sign-in e-mail", ""), self._email),
        ]
        for attempt in attempts[:2]:
            self._refuse(attempt)
        if await self._count(*attempts, email=email) == "email":
            await asyncio.sleep(SLOWED_SECONDS)

    def check_tokens(self, address: str) -> None:
        """Raise 429 if this address has sent too many unknown tokens. It asks no database."""
        self._refuse(self._of_token(address))

    async def count_invalid_token(self, address: str, *, looked_up: bool) -> None:
        """Count an unknown token, so that a search for valid ones is stopped soon; raise 429 over the limit.

        What has not the form of a token was not looked up: it counts too, but only if the database is there.

        It counts after the token was looked up, so that a link that works costs no call. A process that does
        not know yet of a limit reached in others looks one token up, which counts too.
        """
        try:
            await self._count(self._of_token(address))
        except ApiError as error:
            if looked_up or error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise

    def _of_token(self, address: str) -> "_Attempt":
        return _Attempt("token", _key("token", address), self._invalid_token)

    async def _count(self, *attempts: "_Attempt", email: str | None = None) -> str | None:
        """Count each; raise 429 over a limit, but for an e-mail's: that one is told.

        The database makes the keys of an e-mail, the same for all its spellings.
        """
        counted = await self._database.call(
            "api.count_attempt",
            keys=tuple(attempt.key for attempt in attempts),
            rates=tuple(attempt.rate.amount for attempt in attempts),
            periods=tuple(attempt.rate.period for attempt in attempts),
            email=email,
        )
        for attempt, wait in zip(attempts, counted["next_in"], strict=False):
            if wait and attempt.kind != "email":
                self._remember(attempt.known_as or attempt.key, wait.total_seconds())
        if counted["over"] is None:
            return None
        over: _Attempt = attempts[counted["over"] - 1]
        if over.kind != "email":
            self._refuse(over)
        return over.kind

    def _refuse(self, attempt: "_Attempt") -> None:
        """Raise 429 if this process knows that the key is over its limit."""
        wait = self._refused_until.get(attempt.known_as or attempt.key, 0) - time.monotonic()
        if wait > 0:
            seconds = max(1, ceil(wait))
            message = f"Too many attempts. Please wait {seconds} s."
            raise ApiError(429, f"rate_limit__{attempt.kind}", message, retry_after=seconds)

    def _remember(self, key: bytes, seconds: float) -> None:
        """Note until when a key is refused; of too many keys forget those noted first."""
        self._refused_until.pop(key, None)
        self._refused_until[key] = time.monotonic() + seconds
        while len(self._refused_until) > _REFUSED_KEYS:
            del self._refused_until[next(iter(self._refused_until))]


def _key(what: str, whose: str) -> bytes:
    """What stands for an address or an e-mail: the database keeps hashes, and this process too."""
    return hashlib.sha256(f"{what}\n{whose}".encode()).digest()
