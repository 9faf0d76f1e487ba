"""What the API says of a bad request: plain words that name the field, for every field of every route."""

import json
from typing import Any

import pytest

from tests.api.operations import Operation, operations, own, put, send
from tests.api.support import Account, Api, problem, registration

BAD: list[Any] = [
    None, True, 7, -1, 1.5, 10**30, [], ["x"], {}, {"x": 1},
    "", " ", "x", "x" * 3000, "1200 €", "\u0000", "\ud800",
]  # fmt: skip
TECHNICAL = ("Input", "String", "Field required", "dictionary", "pattern", "^", "Extra", "is not valid")
JSON = {"Content-Type": "application/json"}
BODIES = [
    pytest.param(b"{", JSON, 400, "The body cannot be read as JSON.", id="half a body"),
    pytest.param(b'{"number": "\xff"}', JSON, 400, "The body cannot be read as JSON.", id="no UTF-8"),
    pytest.param(b"", JSON, 422, "body must be a JSON object", id="no body"),
    pytest.param(b"[]", JSON, 422, "body must be a JSON object", id="a list"),
    pytest.param(b"null", JSON, 422, "body must be a JSON object", id="null"),
    pytest.param(b'"x"', JSON, 422, "body must be a JSON object", id="a text"),
    pytest.param(b"x", {"Content-Type": "text/plain"}, 422, "Content-Type: application/json", id="text"),
]  # fmt: skip


@pytest.fixture(scope="module")
def mine(api: Api) -> Account:
    """The caller, without a cookie, so that no request ends the session."""
    account = api.register()
    account.client.cookies.clear()
    return account


@pytest.fixture(scope="module")
def ids(mine: Account) -> dict[str, Any]:
    """What the caller has."""
    return own(mine)


def is_plain(body: dict[str, Any]) -> bool:
    """Whether each sentence names its field and holds none of the validator's own words."""
    return all(
        fault["message"].startswith(f"{fault['field']} ")
        and not any(word in fault["message"].removeprefix(fault["field"]) for word in TECHNICAL)
        for fault in body["errors"]
    )


BODIED = [operation for operation in operations() if operation.schema is not None]


@pytest.mark.parametrize("operation", BODIED, ids=lambda operation: operation.name)
def test_every_field_is_refused_in_plain_words(
    mine: Account, ids: dict[str, Any], operation: Operation
) -> None:
    """A value of any wrong type or form in any field is answered by a sentence that begins with the field."""
    body = operation.bodies()[0] if "auth" not in operation.path else registration()
    refused = 0
    for field in operation.fields():
        for value in BAD:
            content = json.dumps(put(body, field.way, value))
            answer = send(mine, operation, ids, None, content=content, headers=JSON)
            if answer.status_code != 422 or answer.json()["reason"] != "request__invalid":
                continue
            refused += 1
            assert is_plain(answer.json()), answer.text
    assert refused > 0


@pytest.mark.parametrize("operation", BODIED, ids=lambda operation: operation.name)
@pytest.mark.parametrize(("content", "headers", "status", "words"), BODIES)
def test_a_body_that_is_no_object_is_told_what_it_should_be(
    mine: Account,
    ids: dict[str, Any],
    operation: Operation,
    *,
    content: bytes,
    headers: dict[str, str],
    status: int,
    words: str,
) -> None:
    """JSON that cannot be read is 400; anything else than an object is 422."""
    answer = mine.client.request(operation.method, operation.url(ids), content=content, headers=headers)
    body = problem(answer, status)
    assert words in (body["detail"] if status == 400 else body["errors"][0]["message"])


def test_parameters_are_refused_in_plain_words(mine: Account) -> None:
    """A bad parameter of path or query is refused in plain words."""
    for path, message in (
        ("invoices/x", "invoice_id must be a whole number"),
        ("invoices/0", "invoice_id must not be less than 1"),
        ("invoices?limit=101", "limit must not be more than 100"),
        ("invoices?limit=x", "limit must be a whole number"),
        ("invoices?cursor=€", "cursor must be the next_cursor of the page before"),
        ("invoices?view=late", "view must be all, open, overdue, due_soon, paid or cancelled"),
        ("invoices?page=2", "page is not known here"),
    ):
        assert problem(mine.client.get(f"/api/v1/{path}"), 422)["errors"][0]["message"] == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amount_cents": "1200 €"}, "amount_cents must be a whole number"),
        ({"amount_cents": 0}, "amount_cents must not be less than 1"),
        ({"currency": "€"}, "currency must be an active currency's ISO 4217 code such as EUR"),
        ({"due_on": "3000-01-01"}, "due_on must be a date from 1970-01-01 to 2999-12-31"),
        ({"due_on": "30/11/2026"}, "due_on must be a date such as 2026-11-30"),
        ({"number": ""}, "number must not be empty"),
        ({"number": "x" * 201}, "number must have at most 200 characters"),
        ({"number": "a\nb"}, "number must be one line of text, without control characters"),
        ({"client": {"name": "x", "email": "x"}}, "client.email must be an e-mail address"),
        ({"client": 7}, "client must be a JSON object"),
        ({"paid": True}, "paid is not known here"),
    ],
)
def test_a_message_says_what_is_expected(mine: Account, changes: dict[str, Any], message: str) -> None:
    """In words that a person who writes an invoice understands."""
    invoice = {
        "client": {"name": "Dupont SARL"}, "number": "F-1", "issued_on": "2026-11-02",
        "due_on": "2026-12-02", "amount_cents": 120_000,
    }  # fmt: skip
    [fault] = problem(mine.post("invoices", invoice | changes), 422)["errors"]
    assert fault["message"] == message


def test_a_missing_field_is_told(mine: Account) -> None:
    """Each missing field has a sentence of its own."""
    faults = problem(mine.post("invoices", {}), 422)["errors"]
    assert {"number is missing", "amount_cents is missing"} <= {fault["message"] for fault in faults}
