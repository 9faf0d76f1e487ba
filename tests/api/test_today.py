"""Today, the forecast and the filters of the activity, over HTTP."""

from tests.api.relancing import pending
from tests.api.support import Account, problem
from tests.support.cast import Cast


def test_the_forecast_of_one_and_of_all(cast: Cast, user: Account) -> None:
    """Until a day; a day too far is refused by name, and so is none."""
    invoice_id = pending(cast)
    one = user.get(f"invoices/{invoice_id}/forecast", until="2026-03-31").json()
    assert [(item["what"], item["at"]) for item in one["items"]] == [
        ("letter", "2026-03-05T09:00:00Z"),
        ("question", "2026-03-11T08:00:00Z"),
        ("letter", "2026-03-12T09:00:00Z"),
        ("question", "2026-03-31T07:00:00Z"),
    ]
    assert user.get("forecast", until="2026-03-31").json() == one
    for path in ("forecast", f"invoices/{invoice_id}/forecast"):
        problem(user.get(path, until="2028-03-03"), 422, field="until")
        problem(user.get(path), 422, field="until")


def test_an_answer_is_taken_back_once(cast: Cast, user: Account) -> None:
    """The invoice is open again; then there is no answer any more."""
    invoice_id, _ = cast.asked()
    user.post(f"invoices/{invoice_id}/checkin/answer", {"answer": "paid"})
    assert user.post(f"invoices/{invoice_id}/undo").json()["status"] == "open"
    problem(user.post(f"invoices/{invoice_id}/undo"), 409, "checkin_task__not_answered")


def test_activity_is_filtered(cast: Cast, user: Account) -> None:
    """By kinds, client and days; a kind that is none is refused."""
    invoice = user.invoice()
    cast.api("mark_invoice_paid", invoice_id=invoice["invoice_id"])
    filters = {"client_id": invoice["client"]["client_id"], "from": "2026-03-02", "until": "2026-03-02"}
    (event,) = user.get("activity", kind=["invoice_paid", "relance_sent"], **filters).json()["items"]
    assert (event["kind"], event["number"], event["client_name"]) == (
        *("invoice_paid", invoice["number"], invoice["client"]["name"]),
    )
    assert user.get("activity", **{**filters, "from": "2026-03-03"}).json()["items"] == []
    problem(user.get("activity", kind="paid"), 422, field="kind[0]")
