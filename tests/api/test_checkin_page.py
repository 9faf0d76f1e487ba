"""The page of a check-in and its buttons, over HTTP."""

import re
from typing import Any, get_args

import httpx
import pytest

from app.core.security import new_token
from app.models.invoices import InvoiceStatus
from app.models.relances import Reason, Tone
from app.web.language import LANGUAGES
from app.web.words import load_texts
from tests.api.support import SECRETS, Account, Api, problem, serving
from tests.support.cast import NOW, Cast
from tests.support.database import Database
from tests.support.letters import begin_notice
from tests.support.letters import receipt as mail_receipt

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en"}
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action {}; frame-ancestors 'none'"
)
DUE = {"issued_on": "2026-02-02", "due_on": "2026-03-02", "number": "2026-117"}
OPEN = ["paid", "pending"]


class Visitor:
    """A browser before the page of one token; it keeps no cookie and follows no redirect."""

    def __init__(self, api: Api, token: str) -> None:
        self.client = api.client(headers=HTML)
        self.token = token

    def look(self, query: str = "", **headers: str) -> str:
        """The page, which every time carries the safe headers and a form for nobody else."""
        answer = self.client.get(f"/checkin/{self.token}{query}", headers=headers)
        assert answer.status_code == 200, answer.text
        safe(answer, form_action="'self'")
        assert set(re.findall(r'action="([^"]+)"', answer.text)) <= {
            f"/checkin/{self.token}/{button}{lang}"
            for button in (*OPEN, "undo")
            for lang in ("", "?lang=fr", "?lang=en")
        }
        return answer.text

    def press(self, button: str, query: str = "") -> str:
        """Press a button; where it leads, from the token on."""
        answer = self.client.post(f"/checkin/{self.token}/{button}{query}")
        assert answer.status_code == 303, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        before, _, after = answer.headers["location"].partition(self.token)
        assert before == "/checkin/"
        return after


def safe(answer: httpx.Response, form_action: str = "'none'") -> None:
    """Strict policy, nothing kept, nothing told, no cookie, nothing of ours loaded from elsewhere."""
    headers = answer.headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["content-security-policy"] == CSP.format(form_action)
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in headers
    assert not re.search(r"<script|<style|<iframe|\sstyle=|\son\w+=|javascript:", answer.text)
    assert '<meta name="robots" content="noindex">' in answer.text
    loaded = re.findall(r'src="([^"]+)"|<link[^>]*href="([^"]+)"', answer.text)
    assert loaded
    assert all("".join(address).startswith("/static/") for address in loaded)


def text(page: str) -> str:
    """What is read on the page, on one line."""
    found = re.sub(r"<[^>]+>", " ", page.partition("<main>")[2])
    return re.sub(r"\s+([.,:])", r"\1", " ".join(found.split()))


def buttons(page: str) -> list[str]:
    """What the buttons do, in their order."""
    return re.findall(r'<form method="post" action="[^"]*/(\w+)(?:\?[^"]*)?">', page)


def state(user: Account, invoice_id: int) -> tuple[str, str | None, int]:
    """The invoice's status, its check-in's answer, and the organization's rubis."""
    invoice = user.get(f"invoices/{invoice_id}").json()
    rubis = user.get("me").json()["organization"]["rubis"]
    return invoice["status"], invoice["checkin"]["answer"], rubis


@pytest.fixture
def asked(cast: Cast, user: Account) -> tuple[Cast, int, Visitor]:
    """A question mailed just now about an invoice due today, and a browser that has its token."""
    invoice_id = user.invoice(**DUE)["invoice_id"]
    return cast, invoice_id, Visitor(user.api, user.mailed_token(invoice_id))


Asked = tuple[Cast, int, Visitor]


def holding(user: Account, plain: str) -> Visitor:
    """A browser that has this token of a mail."""
    SECRETS.add(plain)
    return Visitor(user.api, plain)


def receipt(cast: Cast, user: Account) -> Visitor:
    """Mail the receipt that is due next, as the worker does; a browser that has its token."""
    return holding(user, mail_receipt(cast).plain)


def told(cast: Cast, user: Account) -> Visitor:
    """The same for the mail that tells of a paid that did not count."""
    begun = begin_notice(cast, "said_paid")
    cast.finish(begun)
    return holding(user, begun["token"].plain)


def test_an_open_question_has_two_buttons_and_all_its_facts(asked: Asked) -> None:
    """Who owes what since when, when it was asked, which relance leaves when, in the organization's zone."""
    _, _, visitor = asked
    page = visitor.look()
    assert buttons(page) == OPEN
    seen = text(page)
    for fact in ("Dupont SARL", "2026-117", "€1,200.00", "2 March 2026", "unpaid"):
        assert fact in seen
    assert "2 March 2026 at 10:00 (CET): you were asked by mail." in seen
    assert "No answer is recorded." in seen
    assert "reminder 1 (courteous) goes out to Dupont SARL on 5 March 2026 at 10:00 (CET)." in seen


def test_looking_at_the_page_writes_nothing(asked: Asked, user: Account) -> None:
    """Whatever the address says, however often, with a program or a browser."""
    cast, invoice_id, visitor = asked
    before = everything(cast)
    for query in (
        "",
        "?answer=paid",
        "?answer=pending",
        "?done=paid",
        "?lang=fr",
        "?answer=x&lang=&done=%00",
    ):
        visitor.look(query)
    for button in (*OPEN, "undo"):
        answer = visitor.client.get(f"/checkin/{visitor.token}/{button}?lang=en")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/checkin/{visitor.token}?lang=en")
    assert everything(cast) == before
    assert state(user, invoice_id) == ("open", None, 0)
    visitor.press("paid")
    assert everything(cast) != before


def everything(cast: Cast) -> dict[str, Any]:
    """Every row there is, with the transaction that wrote it, and how far each sequence has come."""
    tables = cast.session.rows(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables"
        " where schemaname in ('rubis', 'queue') order by 1"
    )
    written = {
        table["name"]: cast.session.rows(
            f"select t.xmin::text, t::text from {table['name']} as t order by 1, 2"
        )
        for table in tables
    }
    return written | {"sequences": cast.session.rows("select * from pg_sequences order by 1, 2")}


def test_a_link_preselects_one_button(asked: Asked) -> None:
    """One large button for the answer clicked, and a quiet link to the other."""
    _, _, visitor = asked
    for answer, other, says in (("paid", "pending", "has paid"), ("pending", "paid", "has not paid yet")):
        page = visitor.look(f"?answer={answer}")
        assert buttons(page) == [answer]
        assert f"Your link says that Dupont SARL {says}." in text(page)
        assert f'href="/checkin/{visitor.token}?answer={other}"' in page
    assert buttons(visitor.look("?answer=undo")) == OPEN
    assert buttons(visitor.look("?answer=paid&answer=pending")) == ["pending"]


def test_the_paid_button_settles_the_invoice(asked: Asked, user: Account) -> None:
    """As the link would, by a button; the page then says what the database says."""
    _, invoice_id, visitor = asked
    assert visitor.press("paid") == "?done=paid"
    assert state(user, invoice_id) == ("paid", "paid", 1)
    page = visitor.look("?done=paid")
    seen = text(page)
    assert "Your answer is recorded." in seen
    assert "Answer recorded: paid" in seen
    assert "“paid”, with a button of this page" in seen
    assert "No reminder will be sent: the invoice is paid." in seen
    assert buttons(page) == ["undo", "pending"]
    assert "Possible until 16 March 2026 at 10:00 (CET)" in seen
    assert user.get(f"invoices/{invoice_id}").json()["paid_via"] == "check-in"


def test_the_pending_button_leaves_the_invoice_open(asked: Asked, user: Account) -> None:
    """The relance ahead leaves when it would have."""
    _, invoice_id, visitor = asked
    assert visitor.press("pending") == "?done=pending"
    assert state(user, invoice_id) == ("open", "still_pending", 0)
    page = visitor.look("?done=pending")
    assert "Answer recorded: not paid yet" in text(page)
    assert "reminder 1 (courteous) goes out to Dupont SARL on 5 March 2026 at 10:00 (CET)." in text(page)
    assert buttons(page) == ["undo", "paid"]


def test_no_relance_is_announced_that_cannot_leave(cast: Cast, user: Account) -> None:
    """For a client without an address, the buttons promise nothing about relances."""
    invoice_id = cast.invoice(client_email=None)
    visitor = Visitor(user.api, user.mailed_token(invoice_id))
    assert "“Yes” marks the invoice as paid. “No” leaves it unpaid." in text(visitor.look())
    assert "The invoice remains unpaid. " in text(visitor.look("?answer=pending"))
    assert "is held: the client has no address yet." in text(visitor.look())


_LETTER = (
    (
        "insert into rubis.mail (organization_id, kind, client_id, address_key, next_attempt_at)"
        " select organization_id, 'letter', client_id, 'a@b.test', '3000-01-01'"
        " from rubis.relance where invoice_id = %(invoice_id)s"
    ),
    (
        "insert into rubis.mail_attempt"
        " (organization_id, mail_id, attempt, to_address, message_id, attempted_at, accepted_at)"
        " select organization_id, mail_id, 1, 'a@b.test', '<1@b.test>', rubis.clock(), rubis.clock()"
        " from rubis.mail where kind = 'letter'"
    ),
    (
        "insert into rubis.mail_item"
        " (organization_id, mail_id, attempt, position, invoice_id, relance_id,"
        " word_at, word_age_days, word_valid_days)"
        " select m.organization_id, m.mail_id, 1, 1, r.invoice_id, r.relance_id, rubis.clock(), 0, 7"
        " from rubis.mail as m join rubis.relance as r using (organization_id)"
        " where m.kind = 'letter' and r.invoice_id = %(invoice_id)s"
    ),
)
"""A letter that left, written as no worker does: in the midst of a question that is open."""


def test_a_letter_stands_in_the_history(asked: Asked) -> None:
    """In its place between the question and a later answer."""
    cast, invoice_id, visitor = asked
    cast.clock.advance(days=3)
    for statement in _LETTER:
        cast.session.execute(statement, {"invoice_id": invoice_id})
    lines = re.findall(r"<li>(.*?)</li>", visitor.look())
    assert [line.partition(": ")[2] or line for line in map(text_of, lines)] == [
        "you were asked by mail.",
        "No answer is recorded.",
        "reminder 1 (courteous) was sent to Dupont SARL.",
    ]


def text_of(html: str) -> str:
    """A piece of a page without its tags."""
    return re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize(("first", "then"), [("paid", "pending"), ("pending", "paid")])
def test_an_answer_can_be_changed(asked: Asked, user: Account, first: str, then: str) -> None:
    """Within 14 days, by the other button, however it was given."""
    cast, invoice_id, visitor = asked
    assert visitor.client.get(f"/api/v1/checkin/{visitor.token}/{first}").status_code == 302
    assert f"“{'paid' if first == 'paid' else 'not yet'}”, by the link in the mail" in text(visitor.look())
    cast.clock.advance(minutes=10)
    assert visitor.press(then) == f"?done={then}"
    expected = {"paid": ("paid", "paid", 1), "pending": ("open", "still_pending", 0)}
    assert state(user, invoice_id) == expected[then]
    assert "An earlier answer was taken back." in text(visitor.look())


def test_an_answer_can_be_taken_back(asked: Asked, user: Account) -> None:
    """Its rubis too; the question is open again, and a second press changes nothing."""
    _, invoice_id, visitor = asked
    visitor.press("paid")
    assert visitor.press("undo") == "?done=undone"
    assert state(user, invoice_id) == ("open", None, 0)
    page = visitor.look("?done=undone")
    assert "Your answer was taken back." in text(page)
    assert buttons(page) == OPEN
    assert visitor.press("undo") == ""
    link = visitor.client.get(f"/api/v1/checkin/{visitor.token}/paid")
    assert link.headers["location"].endswith(f"/checkin/{visitor.token}?answer=paid")


def test_after_fourteen_days_nothing_is_taken_back_and_the_page_is_gone(asked: Asked, user: Account) -> None:
    """A minute before, it is. The page is shown as long as any answer to its mail could have been."""
    cast, invoice_id, visitor = asked
    visitor.press("paid")
    cast.clock.advance(days=14, minutes=-1)
    assert buttons(visitor.look()) == ["undo", "pending"]
    cast.clock.advance(minutes=1)
    assert buttons(visitor.look()) == []
    assert visitor.press("undo") == ""
    assert state(user, invoice_id) == ("paid", "paid", 1)
    cast.clock.advance(days=1)
    assert visitor.client.get(f"/checkin/{visitor.token}").status_code == 404


def test_after_a_contradiction_both_buttons_are_shown(asked: Asked, user: Account) -> None:
    """Whichever link was followed last says nothing; the person's button answers."""
    _, invoice_id, visitor = asked
    for answer in ("pending", "paid", "paid"):
        visitor.client.get(f"/api/v1/checkin/{visitor.token}/{answer}")
    assert state(user, invoice_id) == ("open", None, 0)
    for query in ("", "?answer=paid", "?answer=pending"):
        page = visitor.look(query)
        assert buttons(page) == OPEN
        assert "Both links of the mail were followed almost at once" in text(page)
        assert "the first answer was taken back" in text(page)
    assert visitor.press("paid", "?lang=en") == "?done=paid&lang=en"
    assert state(user, invoice_id) == ("paid", "paid", 1)


def test_in_confirm_mode_the_link_leads_to_the_button_that_answers(asked: Asked, user: Account) -> None:
    """In confirm mode a link opens the page, and the page's button answers."""
    _, invoice_id, visitor = asked
    user.patch("organization", {"click_mode": "confirm"})
    link = visitor.client.get(f"/api/v1/checkin/{visitor.token}/paid").headers["location"]
    assert link == f"http://localhost:3333/checkin/{visitor.token}?answer=paid"
    assert buttons(visitor.look("?answer=paid")) == ["paid"]
    assert state(user, invoice_id) == ("open", None, 0)
    assert visitor.press("paid") == "?done=paid"
    assert state(user, invoice_id) == ("paid", "paid", 1)


def test_an_expired_question_offers_to_ask_again(asked: Asked, user: Account) -> None:
    """Pressed, the relance waits while the question is asked again; it answers nothing."""
    cast, invoice_id, visitor = asked
    cast.clock.advance(hours=24)
    cast.tick()
    page = visitor.look("?answer=paid")
    assert buttons(page) == ["paid"]
    assert "I was paid: ask me again before any reminder" in page
    assert "This question is no longer open" in text(page)
    assert "while you are asked again" not in text(visitor.look("?done=held"))
    assert visitor.press("pending") == "?done=held"
    assert "while you are asked again" not in text(visitor.look("?done=held"))
    assert visitor.press("paid") == "?done=held"
    seen = text(visitor.look("?done=held"))
    assert "no reminder will be sent while you are asked again" in seen
    assert "is held: a link said “paid” and did not count; it is for you to decide" in seen
    assert state(user, invoice_id) == ("open", None, 0)


@pytest.mark.parametrize(
    ("answer", "invoice"), [("paid", ("paid", "paid", 1)), ("pending", ("open", "still_pending", 0))]
)
def test_a_paid_that_did_not_count_is_decided_on_the_page_of_its_mail(
    asked: Asked, user: Account, answer: str, invoice: tuple[str, str, int]
) -> None:
    """While the new question waits, and after its links have run out: the page has both buttons."""
    cast, invoice_id, visitor = asked
    cast.clock.advance(hours=25)
    visitor.client.get(f"/api/v1/checkin/{visitor.token}/paid")
    holder = told(cast, user)
    page = holder.look("?answer=paid")
    assert buttons(page) == OPEN
    assert "No reminder will be sent until you press a button." in text(page)
    assert "it is for you to decide" in text(page)
    cast.ask(invoice_id)
    cast.clock.advance(hours=25)
    cast.tick()
    assert buttons(holder.look()) == OPEN
    assert holder.press(answer) == f"?done={answer}"
    assert state(user, invoice_id) == invoice
    page = holder.look(f"?done={answer}")
    assert "Your answer is recorded." in text(page)
    assert "it is for you to decide" not in text(page)


def test_a_receipt_can_only_take_back(asked: Asked, user: Account) -> None:
    """Its token answers nothing, and is worth nothing once the answer that it confirms is gone."""
    cast, invoice_id, visitor = asked
    visitor.press("paid")
    holder = receipt(cast, user)
    page = holder.look("?answer=paid")
    assert buttons(page) == ["undo"]
    assert "a mail confirmed the answer to you" in text(page)
    for answer in OPEN:
        assert holder.client.post(f"/checkin/{holder.token}/{answer}").status_code == 404
    assert state(user, invoice_id) == ("paid", "paid", 1)
    assert holder.press("undo") == "?done=undone"
    assert state(user, invoice_id) == ("open", None, 0)
    page = holder.look("?done=undone")
    assert buttons(page) == []
    assert "Your answer was taken back." in text(page)
    assert "answer with the links of its mail, or in the app" in text(page)
    cast.clock.advance(minutes=1)
    visitor.press("paid")
    assert buttons(holder.look()) == []
    assert holder.press("undo") == ""
    assert state(user, invoice_id) == ("paid", "paid", 1)


@pytest.mark.parametrize(
    ("action", "body", "says"),
    [
        ("mark-paid", None, "This invoice is paid"),
        ("cancel", None, "This invoice is cancelled"),
    ],
)
def test_a_question_settled_in_the_app_has_no_button_on_the_page(
    asked: Asked, user: Account, action: str, body: dict[str, Any] | None, says: str
) -> None:
    """The page of a question that was settled in the app has no button."""
    _, invoice_id, visitor = asked
    assert user.post(f"invoices/{invoice_id}/{action}", body).status_code == 200
    page = visitor.look("?answer=paid")
    assert buttons(page) == []
    assert says in text(page)


def test_an_answer_given_in_the_app_or_undone_there_is_told_as_it_is(asked: Asked, user: Account) -> None:
    """Only the app takes back what the app has said."""
    _, invoice_id, visitor = asked
    user.post(f"invoices/{invoice_id}/checkin/answer", {"answer": "paid"})
    page = visitor.look()
    assert buttons(page) == []
    assert "“paid”, in the app" in text(page)
    assert user.post(f"invoices/{invoice_id}/reopen", {"reason": "returned"}).status_code == 200
    assert "This answer is no longer in force" in text(visitor.look())


@pytest.mark.parametrize("done", ["paid", "pending", "undone", "held", "x"])
def test_an_address_cannot_make_the_page_claim_anything(asked: Asked, done: str) -> None:
    """What is said to have happened is shown only where the check-in says so too."""
    _, _, visitor = asked
    assert 'role="status"' not in visitor.look(f"?done={done}")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"relances_off": True}, "Reminder 1 (courteous) is held: this invoice is excluded from reminders."),
        ({"pause": "2026-03-10"}, "on 12 March 2026 at 10:00 (CET). Until then: its reminders are paused."),
    ],
)
def test_a_relance_that_is_held_or_waits_says_why(
    asked: Asked, user: Account, body: dict[str, Any], says: str
) -> None:
    """The page says in the reader's words why a relance is held or waits."""
    _, invoice_id, visitor = asked
    address = f"invoices/{invoice_id}"
    if "pause" in body:
        answer = user.post(f"{address}/pause", {"until": body["pause"]})
    else:
        answer = user.patch(address, body)
    assert answer.status_code == 200, answer.text
    assert says in text(visitor.look())


def test_every_reason_and_status_has_its_words() -> None:
    """A reason that the gate may give is not shown as something else."""
    for language in LANGUAGES:
        texts = load_texts(language)
        assert set(texts["checkin_reasons"]) == {*get_args(Reason), "other"}
        assert set(get_args(Tone)) <= set(texts["checkin_follows"])
        for status in get_args(InvoiceStatus):
            assert f"status_{status}" in texts["checkin"]
            assert f"none_{status}" in texts["checkin_follows"]
            assert f"closed_{status}" in texts["checkin_states"]


def test_the_language_is_the_readers_else_the_organizations(own_api: Api) -> None:
    """`?lang=`, else Accept-Language, else the organization's; the choice stays when a button is pressed."""
    own_api.database.clock.set(NOW)
    ana = own_api.register()
    visitor = Visitor(own_api, ana.mailed_token(ana.invoice(**DUE)["invoice_id"]))
    assert '<html lang="fr">' in visitor.look(**{"Accept-Language": "de"})
    ana.patch("organization", {"locale": "en"})
    assert '<html lang="en">' in visitor.look(**{"Accept-Language": "de"})
    assert '<html lang="fr">' in visitor.look(**{"Accept-Language": "fr-CA,en;q=0.5"})
    page = visitor.look("?lang=fr&answer=paid")
    assert '<html lang="fr">' in page
    assert "1\u202f200,00\u00a0€" in page
    assert "2 mars 2026 à 10\u00a0h\u00a000 (CET)" in page
    assert 'href="?answer=paid&amp;lang=en"' in page
    assert visitor.press("paid", "?lang=fr") == "?done=paid&lang=fr"
    assert "Réponse enregistrée\u00a0: payée" in visitor.look("?done=paid&lang=fr")


def test_moments_are_in_the_organizations_zone(asked: Asked, user: Account) -> None:
    """The page shows moments in the organization's time zone and names the zone."""
    _, _, visitor = asked
    assert user.patch("organization", {"time_zone": "America/New_York"}).status_code == 200
    assert "2 March 2026 at 04:00 (EST): you were asked by mail." in text(visitor.look())


def test_names_are_text_and_not_markup(own_api: Api) -> None:
    """The page shows names as text: markup and templates in them do nothing."""
    ana = own_api.register()
    name = "<b>{moment}</b>{{ 7*7 }}\u202eLRAS"
    invoice = ana.invoice(client={"name": name, "email": "x@dupont.example"}, number="<script>1</script>")
    page = Visitor(own_api, ana.mailed_token(invoice["invoice_id"])).look("?answer=paid")
    assert "<bdi>&lt;b&gt;{moment}&lt;/b&gt;{{ 7*7 }}\u202eLRAS</bdi>" in page
    assert "<bdi>&lt;script&gt;1&lt;/script&gt;</bdi>" in page


@pytest.mark.parametrize("token", ["x", "A" * 42, "A" * 44, "A" * 42 + "é", "%00" * 43, "%0d%0aX: y", "paid"])
@pytest.mark.parametrize(
    ("method", "suffix"), [("GET", ""), ("GET", "/paid"), ("POST", "/paid"), ("POST", "/undo")]
)
def test_a_page_that_cannot_have_a_token_is_unknown_without_asking_the_database(
    own_api: Api, token: str, method: str, suffix: str
) -> None:
    """404 in the style of the page, even while the database refuses everybody."""
    own_api.database.admin.execute("revoke usage on schema api from rubis_api")
    answer = own_api.client(headers=HTML).request(method, f"/checkin/{token}{suffix}")
    assert answer.status_code == 404
    safe(answer)
    assert "There is no such page" in answer.text


def test_a_forged_token_is_unknown(api: Api) -> None:
    """A page for a person, a problem for a program; in the language asked for."""
    visitor = Visitor(api, new_token())
    SECRETS.add(visitor.token)
    for method, suffix in (("GET", ""), ("POST", "/paid"), ("POST", "/pending"), ("POST", "/undo")):
        address = f"/checkin/{visitor.token}{suffix}"
        answer = visitor.client.request(method, f"{address}?lang=fr")
        assert answer.status_code == 404
        safe(answer)
        assert "Cette page n" in answer.text
        assert visitor.token not in answer.text
        problem(api.client().request(method, address), 404, "checkin__unknown")


def test_a_search_for_tokens_ends_soon(database: Database) -> None:
    """Links, page and buttons count together, by address; good tokens count nothing."""
    with serving(database, limit_invalid_token="4/minute") as api:
        ana = api.register()
        visitor = Visitor(api, ana.mailed_token(ana.invoice()["invoice_id"]))
        for _ in range(6):
            visitor.look()
        client = visitor.client
        assert client.get(f"/api/v1/checkin/{new_token()}/paid").status_code == 302
        assert client.get(f"/checkin/{new_token()}").status_code == 404
        assert client.post(f"/checkin/{new_token()}/paid").status_code == 404
        assert client.post("/checkin/x/undo").status_code == 404
        for method, suffix in (("GET", ""), ("POST", "/paid"), ("POST", "/undo")):
            address = f"/checkin/{visitor.token}{suffix}"
            answer = client.request(method, address)
            assert answer.status_code == 429
            assert 1 <= int(answer.headers["retry-after"]) <= 60
            safe(answer)
            assert "could not be confirmed" in answer.text
            problem(api.client().request(method, address), 429, "rate_limit__token")
        assert ana.get("me").json()["organization"]["rubis"] == 0


def test_without_a_database_the_page_says_that_nothing_was_recorded(own_api: Api) -> None:
    """503 and when to come back, in words, without the token; then the button does what it says."""
    ana = own_api.register()
    visitor = Visitor(own_api, ana.mailed_token(ana.invoice()["invoice_id"]))
    own_api.database.admin.execute("revoke usage on schema api from rubis_api")
    for method, suffix in (("GET", ""), ("POST", "/paid"), ("POST", "/pending"), ("POST", "/undo")):
        address = f"/checkin/{visitor.token}{suffix}"
        answer = visitor.client.request(method, address)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        safe(answer)
        assert "pas été confirmé" in answer.text
        assert "could not be confirmed" in answer.text
        assert visitor.token not in answer.text
        problem(own_api.client().request(method, address), 503, "database__not_migrated")
    own_api.database.admin.execute("grant usage on schema api to rubis_api")
    assert visitor.press("paid") == "?done=paid"


def test_head_on_the_page_shows_nothing(ana: Account) -> None:
    """The page answers 204 to HEAD, as the links do."""
    visitor = Visitor(ana.api, ana.mailed_token(ana.invoice()["invoice_id"]))
    answer = visitor.client.head(f"/checkin/{visitor.token}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert visitor.client.head(f"/checkin/{visitor.token}/paid").status_code == 405


def test_buttons_lead_nowhere_else_whatever_the_request(ana: Account) -> None:
    """No header, parameter or body moves it: not an open redirect."""
    visitor = Visitor(ana.api, ana.mailed_token(ana.invoice()["invoice_id"]))
    answer = visitor.client.post(
        f"/checkin/{visitor.token}/paid?next=//evil.example&done=//evil.example&lang=//evil.example",
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Origin": "null"},
        content=b"next=https://evil.example",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/checkin/{visitor.token}?done=paid")


def test_the_page_loads_what_the_api_serves(api: Api) -> None:
    """Style and images, asked for again each time; nothing else is there."""
    client = api.client()
    for name in ("rubis.css", "rubis.svg", "rubis-quiet.svg", "rubis-earned.svg"):
        answer = client.get(f"/static/{name}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-security-policy"] == CSP.format("'none'")
    for name in ("", "nothing.css", "../pages.py", "..%2fpages.py"):
        problem(client.get(f"/static/{name}"), 404)


def test_under_a_path_of_its_own_the_page_finds_its_way(database: Database) -> None:
    """APP_URL may end in a path that a proxy takes off."""
    with serving(database, app_url="https://example.test/rubis/") as api:
        ana = api.register()
        token = ana.mailed_token(ana.invoice()["invoice_id"])
        client = api.client(headers=HTML)
        page = client.get(f"/checkin/{token}").text
        assert 'href="/rubis/static/rubis.css"' in page
        assert f'action="/rubis/checkin/{token}/paid"' in page
        answer = client.post(f"/checkin/{token}/paid")
        assert answer.headers["location"] == f"/rubis/checkin/{token}?done=paid"
        ana.patch("organization", {"click_mode": "confirm"})
        link = client.get(f"/api/v1/checkin/{token}/paid").headers["location"]
        assert link == f"https://example.test/rubis/checkin/{token}?answer=paid"
