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
from typing import NamedTuple

from app.core.database import Database
from app.core.errors import ApiError
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
    def of(cls, database: Database, settings: Settings) -> "Limits":
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
        whose = email.casefold()
        address_key, pair_key = _key("sign-in address", address), _key("sign-in pair", f"{address}\n{whose}")
        self._refuse("address", address_key)
        self._refuse("pair", pair_key)
        over = await self._count(
            ("address", address_key, self._sign_in),
            ("pair", pair_key, self._pair),
            ("email", _key("sign-in e-mail", whose), self._email),
        )
        if over == "email":
            await asyncio.sleep(SLOWED_SECONDS)

    def check_tokens(self, address: str) -> None:
        """Raise 429 if this address has sent too many unknown tokens. It asks no database."""
        self._refuse("token", _key("token", address))

    async def count_invalid_token(self, address: str, *, looked_up: bool) -> None:
        """Count an unknown token, so that a search for valid ones is stopped soon; raise 429 over the limit.

        What has not the form of a token was not looked up: it counts too, but only if the database is there.

        It counts after the token was looked up, so that a link that works costs no call. A process that does
        not know yet of a limit reached in others looks one token up, which counts too.
        """
        try:
            await self._count(("token", _key("token", address), self._invalid_token))
        except ApiError as error:
            if looked_up or error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise

    async def _count(self, *attempts: tuple[str, bytes, Rate]) -> str | None:
        """Count under each key; raise 429 over a limit, but for an e-mail's: that is what is returned."""
        counted = await self._database.call(
            "api.count_attempt",
            keys=tuple(key for _, key, _ in attempts),
            rates=tuple(rate.amount for _, _, rate in attempts),
            periods=tuple(rate.period for _, _, rate in attempts),
        )
        for (kind, key, _), wait in zip(attempts, counted["next_in"], strict=False):
            if wait and kind != "email":
                self._remember(key, wait.total_seconds())
        if counted["over"] is None:
            return None
        kind, key, _ = attempts[counted["over"] - 1]
        if kind != "email":
            self._refuse(kind, key)
        return kind

    def _refuse(self, kind: str, key: bytes) -> None:
        """Raise 429 if this process knows that the key is over its limit."""
        wait = self._refused_until.get(key, 0) - time.monotonic()
        if wait > 0:
            seconds = max(1, ceil(wait))
            message = f"Too many attempts. Please wait {seconds} s."
            raise ApiError(429, f"rate_limit__{kind}", message, retry_after=seconds)

    def _remember(self, key: bytes, seconds: float) -> None:
        """Note until when a key is refused; of too many keys forget those noted first."""
        self._refused_until.pop(key, None)
        self._refused_until[key] = time.monotonic() + seconds
        while len(self._refused_until) > _REFUSED_KEYS:
            del self._refused_until[next(iter(self._refused_until))]


def _key(what: str, whose: str) -> bytes:
    """What stands for an address or an e-mail: the database keeps hashes, and this process too."""
    return hashlib.sha256(f"{what}\n{whose}".encode()).digest()
