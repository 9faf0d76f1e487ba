"""A bad field is named by its path, whatever the route, and nothing is written."""

from typing import Any

import pytest

from tests.api.support import Account, Api, invoice, problem

BAD_LINES: list[Any] = [
    "",
    "  ",
    "a\nb",
    "a\r\nBcc: x",
    "a\u0000b",
    "a\u2029b",
    "\u200b",
    "x" * 201,
    7,
    None,
    ["a"],
]
BAD_NAMES: list[Any] = [*BAD_LINES, "a http://b", "WWW.a.example", "a@b", "\uff57\uff57\uff57.a", "a\uff20b"]
BAD_DATES: list[Any] = [
    "2026-02-30",
    "30/11/2026",
    "2026-11-30T00:00:00",
    "20261130",
    20261130,
    "3000-01-01",
    None,
]
BAD_AMOUNTS: list[Any] = [0, -1, 10**12 + 1, 1.5, 100.0, "100", True, None, 10**30]
BAD_EMAILS: list[Any] = [
    "a",
    "a@",
    "@b.example",
    "a b@c.example",
    "a@b.example\nBcc: c@d.example",
    7,
    ["a@b.example"],
]
BAD_IDS: list[Any] = [0, -1, "1", 1.0, True, 2**53, 2**63]
BAD_CURRENCIES: list[Any] = ["XYZ", "XXX", "XTS", "DEM", "eur", "EURO", "", None, "EUR\n"]
BAD_SIGNATURES: list[Any] = ["", " \n ", "a\u0000b", "a\u0001b", "a \u007f", "x" * 201, "x " * 501, 7, ["a"]]
BAD_RATES: list[Any] = [-0.01, 100.01, 10**30, "12", True, [12], {}]
BAD_FLAGS: list[Any] = [None, "true", 1, 0, []]
BAD_DAYS: list[Any] = [0, -1, 366, 10**30, 3.0, 3.5, "3", True, None, [3]]

CREATE = [
    *(("clients", "name", value) for value in BAD_NAMES),
    *(("clients", "email", value) for value in BAD_EMAILS),
    ("clients", "client_id", 1),
    *(("invoices", "number", value) for value in BAD_NAMES),
    *(("invoices", "issued_on", value) for value in BAD_DATES),
    *(("invoices", "due_on", value) for value in [*BAD_DATES[:-1], "2026-11-01"]),
    *(("invoices", "amount_cents", value) for value in BAD_AMOUNTS),
    *(("invoices", "currency", value) for value in BAD_CURRENCIES),
    *(("invoices", "client.name", value) for value in BAD_NAMES),
    *(("invoices", "client.email", value) for value in BAD_EMAILS),
    ("invoices", "client.client_id", 1),
    ("invoices", "client_id", 1),
    ("invoices", "status", "paid"),
    ("invoices", "organization_id", 1),
]
CHANGE = [
    *(("clients/{client}", "name", value) for value in BAD_NAMES),
    *(("clients/{client}", "email", value) for value in BAD_EMAILS),
    ("clients/{client}", "created_at", "2026-11-01"),
    *(("clients/{client}", "locale", value) for value in ["de", "FR", "", 1]),
    *(("clients/{client}", "is_business", value) for value in BAD_FLAGS),
    *(("clients/{client}", "relances_off", value) for value in BAD_FLAGS),
    *(("clients/{client}", "terms_days", value) for value in BAD_DAYS if value not in (0, None)),
    ("clients/{client}", "terms_end_of_month", True),
    *(("clients/{client}", "relance_plan_id", value) for value in [*BAD_IDS, 10**12]),
    *(("clients/{client}", field, "2026-11-01") for field in ("pause", "paused_until", "pause_reason")),
    *(("invoices/{invoice}", "relances_off", value) for value in BAD_FLAGS),
    *(("invoices/{invoice}", field, "2026-11-01") for field in ("pause", "paused_until", "pause_reason")),
    *(("invoices/{invoice}", "number", value) for value in BAD_NAMES),
    *(("invoices/{invoice}", "issued_on", value) for value in [*BAD_DATES, "2030-12-03"]),
    *(("invoices/{invoice}", "due_on", value) for value in [*BAD_DATES, "2026-11-01"]),
    *(("invoices/{invoice}", "amount_cents", value) for value in BAD_AMOUNTS),
    *(("invoices/{invoice}", "currency", value) for value in BAD_CURRENCIES),
    *(("invoices/{invoice}", "client_id", value) for value in [*BAD_IDS, None, 10**9]),
    ("invoices/{invoice}", "status", "paid"),
    ("invoices/{invoice}", "paid_at", "2026-11-01"),
    *(("organization", "name", value) for value in BAD_NAMES),
    *(("organization", "locale", value) for value in ["de", "FR", None, 1]),
    *(("organization", "time_zone", value) for value in ["Mars/Olympus", "", "+01", None, 1]),
    *(("organization", "checkin_time", value) for value in ["9:00", "24:00", "09:00:30", "9", None, 900]),
    *(("organization", "relance_time", value) for value in ["25:00", "10h", None]),
    *(("organization", "country", value) for value in ["EL", "XK", "fr", "FRA", "", None, 33, "FR\n"]),
    *(("organization", "holiday_region", value) for value in ["57", "FR", "FR-99", "DE-BY", "", 57]),
    *(("organization", field, "known") for field in ("calendar", "public_holidays")),
    *(("organization", "signature", value) for value in BAD_SIGNATURES),
    *(("organization", "late_penalty_rate", value) for value in BAD_RATES),
    *(("organization", "siren", value) for value in ["732829321", "732 829 320", "73282932", "", 732829320]),
    *(("organization", "vat_number", value) for value in ["FR45732829320", "fr44732829320", "FR1", "", 44]),
    *(("organization", "terms_days", value) for value in BAD_DAYS if value != 0),
    *(("organization", "terms_end_of_month", value) for value in BAD_FLAGS),
    ("organization", "daily_relance_quota", 10**6),
    ("organization", "rubis", 100),
]
POST = [
    *(
        (f"{thing}/pause", {"until": "2030-01-01"}, field, value)
        for thing in ("clients/{client}", "invoices/{invoice}")
        for field, values in {
            "until": [*BAD_DATES, "2026-01-01", "infinity", "0001-01-01"],
            "reason": [value for value in BAD_LINES if value is not None],
            "days": [3],
        }.items()
        for value in values
    ),
    *(("invoices/{invoice}/reopen", {"reason": "x"}, "reason", value) for value in BAD_LINES),
    ("invoices/{invoice}/reopen", {"reason": "x"}, "status", "open"),
    *(
        ("clients/{client}/merge", {"into_client_id": 1}, "into_client_id", value)
        for value in [*BAD_IDS, None]
    ),
    *(("relance-plans", {"name": "P", "steps": []}, "name", value) for value in BAD_NAMES),
    *(("relance-plans", {"name": "P", "steps": []}, "is_default", value) for value in [True, None]),
]
STEPS = [
    *((f"steps[1].{field}", {field: value}) for field, values in {
        "days_after_due": [*BAD_DAYS, 3, 2],
        "tone": ["rude", "Firm", "", None, 1],
        "step": [2],
    }.items() for value in values),
]  # fmt: skip


@pytest.fixture(scope="module")
def bea(api: Api) -> Account:
    """One organization for all: nothing is written in it."""
    return api.register()


@pytest.fixture(scope="module")
def paths(bea: Account) -> dict[str, int]:
    """Ids of a client and an open invoice."""
    document = bea.invoice()
    return {"client": document["client"]["client_id"], "invoice": document["invoice_id"]}


def state(account: Account) -> Any:
    """All there is of an organization, but tokens."""
    tables = (
        "organization", "app_user", "relance_plan", "relance_plan_step",
        "client", "invoice", "checkin_task", "relance", "activity_event",
    )  # fmt: skip
    return [
        account.api.database.admin.rows(
            f"select to_jsonb(t) as row from rubis.{table} as t where organization_id = %s order by 1",
            [account.organization_id],
        )
        for table in tables
    ]


def put(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The body with one field set: `client.name` is the name of the client in it."""
    first, _, rest = path.partition(".")
    return body | {first: put(body.get(first, {}), rest, value) if rest else value}


@pytest.mark.parametrize(("path", "field", "value"), CREATE)
def test_a_bad_field_of_something_new_is_named(bea: Account, path: str, field: str, value: Any) -> None:
    """A bad field of a new row is 422 with its name, and nothing is written."""
    body: dict[str, Any] = invoice() if path == "invoices" else {"name": "New", "email": "new@b.example"}
    before = state(bea)
    answer = bea.post(path, put(body, field, value))
    problem(answer, 422, field=field)
    assert state(bea) == before


@pytest.mark.parametrize(("path", "field", "value"), CHANGE)
def test_a_bad_field_of_a_change_is_named(
    bea: Account, paths: dict[str, int], path: str, field: str, value: Any
) -> None:
    """422, and nothing is written: null too, where a value is needed."""
    before = state(bea)
    answer = bea.patch(path.format(**paths), {field: value})
    problem(answer, 422, field=field)
    assert state(bea) == before


@pytest.mark.parametrize(("path", "body", "field", "value"), POST)
def test_a_bad_field_of_an_action_is_named(
    bea: Account, paths: dict[str, int], path: str, body: dict[str, Any], *, field: str, value: Any
) -> None:
    """A bad field of an action is 422 with its name, and nothing is written."""
    before = state(bea)
    problem(bea.post(path.format(**paths), body | {field: value}), 422, field=field)
    assert state(bea) == before


@pytest.mark.parametrize(("field", "changes"), STEPS)
@pytest.mark.parametrize(
    "method",
    ["PUT relance-plan", "POST relance-plans", "PUT relance-plans/{plan}", "POST relance-plans/preview"],
)
def test_a_bad_step_is_named_with_its_place(
    bea: Account, method: str, field: str, changes: dict[str, Any]
) -> None:
    """`steps[1]` is the second one, for a fault that API or database finds; the plan stays as it was."""
    before = state(bea)
    steps = [{"days_after_due": 3, "tone": "firm"}, {"days_after_due": 4, "tone": "firm"} | changes]
    verb, _, path = method.partition(" ")
    path = path.format(plan=bea.get("relance-plan").json()["relance_plan_id"])
    name = {} if path in ("relance-plan", "relance-plans/preview") else {"name": "P"}
    answer = bea.client.request(verb, f"/api/v1/{path}", json=name | {"steps": steps})
    body = problem(answer, 422, field=field)
    assert [error["field"] for error in body["errors"]] == [field]
    assert state(bea) == before


@pytest.mark.parametrize("steps", [None, {}, "x", [None], [[]], [{}], [1], [{"days_after_due": 3}]])
def test_steps_are_a_list_of_steps(bea: Account, steps: Any) -> None:
    """A plan whose steps are no list of steps is 422 and stays as it was."""
    before = state(bea)
    body = problem(bea.put("relance-plan", {"steps": steps}), 422, "request__invalid")
    assert all(error["field"].startswith("steps") for error in body["errors"])
    assert state(bea) == before


@pytest.mark.parametrize("rate", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"1" * 5000])
def test_a_rate_is_a_number_that_can_be_paid(bea: Account, rate: bytes) -> None:
    """What only looks like a number in JSON is refused: 400 or 422, never a 500."""
    before = state(bea)
    answer = bea.client.patch(
        "/api/v1/organization",
        content=b'{"late_penalty_rate": ' + rate + b"}",
        headers={"Content-Type": "application/json"},
    )
    problem(answer, 400 if len(rate) > 4300 else 422)
    assert state(bea) == before


@pytest.mark.parametrize("field", ["number", "issued_on", "amount_cents", "client"])
def test_a_missing_field_is_named(bea: Account, field: str) -> None:
    """Without a client at all it is client_id that is named."""
    answer = bea.post("invoices", invoice(**{field: ...}))
    problem(answer, 422, field="client_id" if field == "client" else field)


@pytest.mark.parametrize("value", ["Paid", "still_pending", True, None, ""])
def test_an_answer_is_paid_or_pending(bea: Account, paths: dict[str, int], value: Any) -> None:
    """An answer other than paid or pending is refused."""
    problem(bea.post(f"invoices/{paths['invoice']}/checkin/answer", {"answer": value}), 422, field="answer")


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", str(2**53), str(2**63), "1e3", "%00"])
@pytest.mark.parametrize("method", ["get", "patch"])
def test_an_id_that_cannot_be_is_named(bea: Account, method: str, value: str) -> None:
    """422 rather than 404: it is the request that is wrong."""
    areas = (("invoices", "invoice_id"), ("clients", "client_id"))
    for area, field in areas if method == "patch" else (*areas, ("relance-plans", "relance_plan_id")):
        answer = bea.client.request(method, f"/api/v1/{area}/{value}", json={} if method == "patch" else None)
        problem(answer, 422, "request__invalid", field)


def test_several_bad_fields_are_all_named(bea: Account) -> None:
    """A body with several bad fields gets one answer that names them all."""
    body = problem(bea.post("invoices", {"number": "", "due_on": "soon", "extra": 1}), 422)
    assert {error["field"] for error in body["errors"]} == {
        "number", "due_on", "extra", "issued_on", "amount_cents",
    }  # fmt: skip


def test_a_number_in_use_names_its_invoice(ana: Account) -> None:
    """409; a cancelled invoice frees its number."""
    first = ana.invoice(number="F-1")
    body = problem(ana.post("invoices", invoice(number="F-1")), 409, "invoice__number", "number")
    assert str(first["invoice_id"]) in body["detail"]
    second = ana.invoice(number="F-2")
    problem(
        ana.patch(f"invoices/{second['invoice_id']}", {"number": "F-1"}), 409, "invoice__number", "number"
    )
    ana.post(f"invoices/{first['invoice_id']}/cancel")
    assert ana.invoice(number="F-1")["status"] == "open"


def test_a_client_exists_once(ana: Account) -> None:
    """409, whatever the case, on creation and on change."""
    assert ana.post("clients", {"name": "Dupont", "email": "a@b.example"}).status_code == 201
    twin = {"name": "DUPONT", "email": "A@b.example"}
    problem(ana.post("clients", twin), 409, "client__name_email", "name")
    other = ana.post("clients", {"name": "Durand"}).json()
    problem(ana.patch(f"clients/{other['client_id']}", twin), 409, "client__name_email", "name")


def test_changes_change_only_what_they_name(ana: Account) -> None:
    """An empty change changes nothing; null empties what may be empty."""
    client = ana.post("clients", {"name": "  Dupont  ", "email": "a@B.example"}).json()
    assert (client["name"], client["email"]) == ("Dupont", "a@b.example")
    path = f"clients/{client['client_id']}"
    assert ana.patch(path, {}).json() == client
    assert ana.patch(path, {"name": "Durand"}).json() == client | {"name": "Durand"}
    assert ana.patch(path, {"email": None}).json() == client | {"name": "Durand", "email": None}
    settings = ana.patch("organization", {"checkin_time": "07:30", "time_zone": "America/New_York"}).json()
    assert (settings["checkin_time"], settings["relance_time"]) == ("07:30", "10:00")
    assert ana.get("me").json()["organization"] == settings
    letters = {"country": "BE", "signature": "Ana\nAtelier Petit", "late_penalty_rate": 12.34}
    assert ana.patch("organization", letters).json() == settings | letters
    emptied = {"signature": None, "late_penalty_rate": None}
    assert ana.patch("organization", emptied).json() == settings | emptied | {"country": "BE"}
    assert ana.patch("organization", {"late_penalty_rate": 0}).json()["late_penalty_rate"] == 0


def test_a_settled_invoice_refuses_changes(ana: Account) -> None:
    """409: what was paid is no longer what would be changed."""
    invoice_id = ana.invoice()["invoice_id"]
    assert ana.post(f"invoices/{invoice_id}/mark-paid").status_code == 200
    problem(ana.patch(f"invoices/{invoice_id}", {"amount_cents": 1}), 409)
    problem(ana.post(f"invoices/{invoice_id}/cancel"), 409)
    problem(ana.post(f"invoices/{invoice_id}/checkin/ask-again"), 409)


def test_marking_paid_twice_changes_nothing(ana: Account) -> None:
    """The same invoice comes back, and one rubis was earned."""
    path = f"invoices/{ana.invoice()['invoice_id']}/mark-paid"
    assert ana.post(path).json() == ana.post(path).json()
    assert ana.get("me").json()["organization"]["rubis"] == 1


def test_the_check_in_is_answered_and_asked_in_the_app(ana: Account) -> None:
    """Pending, asked again, paid, already answered."""
    path = f"invoices/{ana.invoice()['invoice_id']}/checkin"
    assert ana.post(f"{path}/answer", {"answer": "pending"}).json()["outcome"] == "pending"
    again = ana.post(f"{path}/ask-again").json()
    assert again["checkin"]["status"] == "scheduled"
    assert ana.post(f"{path}/answer", {"answer": "paid"}).json()["outcome"] == "paid"
    done = ana.post(f"{path}/answer", {"answer": "pending"}).json()
    assert (done["outcome"], done["invoice"]["status"]) == ("already_answered", "paid")
