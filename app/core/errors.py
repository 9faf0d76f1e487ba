"""The one base of errors that have an answer, and what each database error means to a caller.

Nothing here knows HTTP beyond a status code, so that the worker can use it too; `app.api.problems`
renders them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import psycopg
import structlog
from psycopg import errors as pg

log = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS = 2
"""What a caller is asked to wait when the database cannot answer: about what the pool takes to come back."""

_PREFIX = "RB"
_STATUSES = {400, 401, 403, 404, 409, 422, 429, 503}
_RETRY_AFTER = {429: 60, 503: RETRY_AFTER_SECONDS}
_NOT_MIGRATED = (
    pg.UndefinedFunction,
    pg.UndefinedTable,
    pg.InvalidSchemaName,
    pg.InsufficientPrivilege,
    pg.InvalidAuthorizationSpecification,
    pg.InvalidCatalogName,
)
_BUSY = (
    pg.QueryCanceled,
    pg.SerializationFailure,
    pg.DeadlockDetected,
    pg.LockNotAvailable,
    pg.TooManyConnections,
    pg.OutOfMemory,
    pg.ReadOnlySqlTransaction,
)


class FieldError(NamedTuple):
    """What is wrong with one field: its path in the request (`client.email`), and why."""

    field: str
    message: str


class ApiError(Exception):
    """An error with an answer: an HTTP status, a machine readable reason and a sentence for a person."""

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        field: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        hint: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{status} {reason}: {detail}")
        self.status = status
        self.reason = reason
        self.detail = detail
        self.field = field
        self.errors = list(errors) or ([FieldError(field, detail)] if field else [])
        self.hint = hint
        self.retry_after = retry_after


def unavailable(reason: str, detail: str, *, retry_after: int = RETRY_AFTER_SECONDS) -> ApiError:
    """503: the request itself is not at fault, and may be sent again later."""
    return ApiError(503, reason, detail, retry_after=retry_after)


def from_database(error: psycopg.Error, function: str) -> ApiError:
    """What a database error of `function` means to its caller.

    RB4xx is ours: status, reason (the constraint's name), field (the column's name) and sentence come from
    the function. A constraint that no function looked at first is 409 or 422 with its name. The rest is 503
    if trying again can help, otherwise 500 without internals: those go to the log, without the DETAIL, which
    quotes rows.
    """
    sqlstate = error.sqlstate or ""
    if sqlstate.startswith(_PREFIX):
        return _registered(error, sqlstate)
    if error.diag.constraint_name and isinstance(error, pg.IntegrityError):
        return _constraint(error, error.diag.constraint_name)
    if _not_text(error):
        return ApiError(422, "text__characters", "A text contains characters that cannot be stored.")
    return _unexpected(error, function)


def _unexpected(error: psycopg.Error, function: str) -> ApiError:
    """An error that the caller did not cause: log it; 503 if it may pass, else 500."""
    diag = error.diag
    known = {
        "function": function,
        "sqlstate": error.sqlstate,
        "message": diag.message_primary or (None if error.sqlstate else str(error)),
        "constraint": diag.constraint_name,
        "where": diag.context,
    }
    if isinstance(error, _NOT_MIGRATED):
        log.error("database_not_migrated", **known)
        detail = "The database is not ready: it has not been migrated."
        return unavailable("database__not_migrated", detail, retry_after=30)
    if isinstance(error, _BUSY):
        log.warning("database_busy", **known)
        detail = "The database could not finish in time; nothing was changed. Please try again."
        return unavailable("database__busy", detail)
    if isinstance(error, pg.DiskFull):
        log.error("database_full", **known)
        detail = "The database has no room left; nothing was changed. Please try again later."
        return unavailable("database__full", detail, retry_after=30)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        log.warning("database_lost", **known)
        return unavailable("database__unreachable", "The database cannot be reached. Please try again.")
    log.error("database_error", **known)
    return ApiError(500, "internal", "Something went wrong on our side.")


def _not_text(error: psycopg.Error) -> bool:
    """Whether a text held U+0000, which PostgreSQL cannot store: psycopg's own DataError, 22021 or 22P05."""
    client_side = isinstance(error, psycopg.DataError) and error.sqlstate is None
    return client_side or isinstance(error, pg.CharacterNotInRepertoire | pg.UntranslatableCharacter)


def _registered(error: psycopg.Error, sqlstate: str) -> ApiError:
    """An error raised by one of our functions, documented in docs/errors.md."""
    diag = error.diag
    code = sqlstate.removeprefix(_PREFIX)
    status = int(code) if code.isdigit() and int(code) in _STATUSES else 500
    return ApiError(
        status,
        diag.constraint_name or f"error__{code.lower()}",
        diag.message_primary or "The request cannot be done.",
        diag.column_name or None,
        hint=diag.message_hint,
        retry_after=_RETRY_AFTER.get(status),
    )


def _constraint(error: psycopg.Error, constraint: str) -> ApiError:
    """A constraint violated although no function refused it first.

    Its name is `<table>__<rule>`, the rule named after a field where it is about one; or `<domain>__<rule>`,
    and the domain is named after what the field holds.
    """
    rule = constraint.partition("__")[2] or constraint
    field = error.diag.column_name or error.diag.datatype_name or rule
    if isinstance(error, pg.UniqueViolation | pg.ExclusionViolation):
        return ApiError(409, constraint, f"This exists already ({constraint}).", field)
    if isinstance(error, pg.ForeignKeyViolation):
        return ApiError(
            422, constraint, f"This refers to something that does not exist ({constraint}).", field
        )
    return ApiError(422, constraint, f"This value is not allowed ({constraint}).", field)
