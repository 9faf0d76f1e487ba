"""Every operation of the API and every field of its requests, from its OpenAPI document."""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from app.api.main import create_app
from app.core.settings import Settings
from tests.api.support import PASSWORD, Account

DOCUMENT: dict[str, Any] = create_app(Settings(_env_file=None, database_url="postgresql://x")).openapi()


@dataclass(frozen=True)
class Field:
    """A field of a body: the way to it (a number is a place in a list), its name and its JSON type."""

    way: tuple[str | int, ...]
    kind: str

    @property
    def name(self) -> str:
        """The last word of the way."""
        return next(str(step) for step in reversed(self.way) if isinstance(step, str))


@dataclass(frozen=True)
class Operation:
    """A method of a path."""

    method: str
    path: str
    name: str
    parameters: tuple[tuple[str, str], ...]
    """(path, query or header; name)"""
    statuses: frozenset[int]
    schema: dict[str, Any] | None
    """Of the body."""

    def __hash__(self) -> int:
        return hash(self.name)

    def url(self, ids: dict[str, Any]) -> str:
        """The path with these ids and usual words, and tokens of no mail; KeyError for an unknown id."""
        return self.path.format(**{"token": "x" * 43, "tone": "firm", "locale": "fr", **ids})

    def bodies(self) -> list[Any]:
        """The examples of its body; [None] without one."""
        return copy.deepcopy(self.schema["examples"]) if self.schema else [None]

    def fields(self) -> list[Field]:
        """The fields of its body, at any depth."""
        return list(_fields(self.schema, ())) if self.schema else []


def operations() -> list[Operation]:
    """All there are."""
    return [
        Operation(
            method.upper(),
            path,
            operation["operationId"],
            tuple((parameter["in"], parameter["name"]) for parameter in operation.get("parameters", [])),
            frozenset(int(status) for status in operation["responses"]),
            _schema(operation["requestBody"]["content"]["application/json"]["schema"])
            if "requestBody" in operation
            else None,
        )
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    ]


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    """What a schema or a reference to one says; of several, the first that is not null."""
    if "$ref" in schema:
        return _schema(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for choice in schema.get("anyOf", []):
        if choice.get("type") != "null":
            return _schema(choice)
    return schema


def _fields(schema: dict[str, Any], way: tuple[str | int, ...]) -> Iterator[Field]:
    schema = _schema(schema)
    if schema.get("type") == "array":
        yield from _fields(schema["items"], (*way, 0))
    elif "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from _fields(inner, (*way, name))
    else:
        yield Field(way, schema.get("type", "string"))


def put(body: Any, way: tuple[str | int, ...], value: Any) -> Any:
    """The body with this value there; lists and objects on the way are made if missing."""
    step, *rest = way
    if isinstance(step, int):
        items = list(body or [{}])
        items[step] = put(items[step], tuple(rest), value) if rest else value
        return items
    inner = (body or {}).get(step)
    return {**(body or {}), step: put(inner, tuple(rest), value) if rest else value}


def own(account: Account) -> dict[str, Any]:
    """An id of this account's for every one that a path names: an open invoice, a plan, a draft, all new.

    And another session, for ending it.
    """
    login = {"email": account.email, "password": PASSWORD}
    assert account.api.client().post("/api/v1/auth/login", json=login).status_code == 200
    sessions = account.get("me/sessions").json()["items"]
    invoice = account.invoice()
    batch = account.post("import-batches", {"drafts": [{"number": invoice["number"]}]}).json()
    plan = account.post("relance-plans", {"name": f"Plan {invoice['number']}", "steps": []}).json()
    return {
        "invoice_id": invoice["invoice_id"],
        "client_id": invoice["client"]["client_id"],
        "into_client_id": account.post("clients", {"name": f"Other {invoice['number']}"}).json()["client_id"],
        "relance_id": invoice["relances"][0]["relance_id"],
        "relance_plan_id": plan["relance_plan_id"],
        "session_id": next(one["session_id"] for one in sessions if not one["current"]),
        "import_batch_id": batch["import_batch_id"],
        "import_draft_id": batch["drafts"][0]["import_draft_id"],
    }


def ids_in(path: str) -> list[str]:
    """The ids that a path names."""
    return re.findall(r"{(\w+_id)}", path)


def state(account: Account) -> dict[str, list[Any]]:
    """All rows of an organization but its sessions."""
    admin = account.api.database.admin
    tables = admin.rows(
        "select c.relname from pg_attribute as a join pg_class as c on c.oid = a.attrelid"
        " where c.relnamespace = 'rubis'::regnamespace and c.relkind = 'r' and a.attname = 'organization_id'"
        " and c.relname not in ('access_token', 'refresh_token')"
    )
    return {
        row["relname"]: admin.rows(
            f"select to_jsonb(t)::text as row from rubis.{row['relname']} as t"
            " where organization_id = %s order by 1",
            [account.organization_id],
        )
        for row in tables
    }


def send(
    account: Account, operation: Operation, ids: dict[str, Any], body: Any, **options: Any
) -> httpx.Response:
    """Send a request of this operation."""
    content = {} if body is None else {"json": body}
    if ("query", "until") in operation.parameters and operation.name.startswith("forecast"):
        content["params"] = {"until": f"{datetime.now(UTC):%Y-%m-%d}"}
    return account.client.request(operation.method, operation.url(ids), **(content | options))
