"""How an actor reaches Rubis: over one transaction, over connections, over one given session.

Real HTTP is `tests.support.web_line`.
"""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

from app.core.security import new_token, token_hash
from tests.support.database import Database
from tests.support.session import Clock, Session

ROLES = {"api": "rubis_api", "worker": "rubis_worker"}
"""Who calls the functions of a schema."""

PASSWORD_HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"
_FOR_EVER = timedelta(days=3650)


class Token(bytes):
    """The SHA-256 that the database has of a token; `plain` is what stands in the mail's links."""

    plain: str

    @classmethod
    def new(cls, plain: str | None = None) -> "Token":
        """Of this plain token, or of a new one."""
        plain = plain or new_token()
        token = cls(token_hash(plain))
        token.plain = plain
        return token


class Line(ABC):
    """A way to call the functions of the database. `reader` is the session that tests read tables with."""

    reader: Session

    @property
    def clock(self) -> Clock:
        """The clock that every session of the database reads."""
        return self.reader.clock

    @abstractmethod
    def acting(self, role: str) -> AbstractContextManager[Session]:
        """Within: a session with the rights of this role."""

    def call(self, function: str, /, **params: Any) -> Any:
        """Call `api.` as rubis_api and `worker.` as rubis_worker; parameters are named without `p_`."""
        with self.acting(ROLES[function.partition(".")[0]]) as session:
            return session.call(function, **{f"p_{name}": value for name, value in params.items()})

    def register(self, **facts: Any) -> tuple[bytes, Any]:
        """Register an organization and its user: the hash of the access token, and what api.register says."""
        access = Token.new()
        return access, self.call(
            "api.register",
            **facts,
            password_hash=PASSWORD_HASH,
            access_token_hash=access,
            access_expires_in=_FOR_EVER,
            refresh_token_hash=secrets.token_bytes(32),
            refresh_expires_in=_FOR_EVER,
        )

    def close(self) -> None:  # noqa: B027  most lines open nothing
        """Close what the line has opened."""


class Transaction(Line):
    """One session of rubis_owner, which changes its role for each call: `tx`."""

    def __init__(self, session: Session) -> None:
        self.reader = session

    @contextmanager
    def acting(self, role: str) -> Iterator[Session]:
        """In production each call is a transaction of its own, and inherits no user from the one before."""
        self.reader.execute("select set_config('rubis.user_id', '', true)")
        with self.reader.acting_as(role):
            yield self.reader


class Connections(Line):
    """Sessions logged in as rubis_api and rubis_worker, which commit each call; a DBA has the superuser's."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.reader = database.admin
        self._sessions: dict[str, Session] = {}

    @contextmanager
    def acting(self, role: str) -> Iterator[Session]:
        """The role's session, opened at its first use."""
        if role == "rubis_owner":
            with self.reader.acting_as(role):
                yield self.reader
        else:
            if role not in self._sessions:
                self._sessions[role] = self.database.session(role)
            yield self._sessions[role]

    def close(self) -> None:
        """Close the sessions."""
        for session in self._sessions.values():
            session.connection.close()
        self._sessions.clear()


class Over(Line):
    """One given session, with the rights it has: a racer's, say. Tables are read over the line it is for."""

    def __init__(self, session: Session, reader: Session) -> None:
        self.session = session
        self.reader = reader

    @contextmanager
    def acting(self, role: str) -> Iterator[Session]:  # noqa: ARG002  whatever the call wants
        """The session as it is."""
        yield self.session
