"""Receipts of answers, and advice, by a real worker: none leaves for an answer that was taken back."""

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from app.core.security import token_hash
from tests.mail.mail_reading import HEADERS
from tests.support.flow import Flow
from tests.support.leaks import tables_holding
from tests.support.mails import is_receipt, page_token, page_url, wait_until
from tests.support.program import until
from tests.support.smtp import Mail, Peer
from tests.worker.conftest import StartWorker

TRANSPORT = {"X-Peer", "X-MailFrom", "X-RcptTo"}
"""What the SMTP server of these tests adds."""


def asked(flow: Flow, peer: Peer, **changes: Any) -> tuple[int, Mail]:
    """An invoice that the running worker has just asked about, and the mail."""
    invoice_id = flow.issue(**changes)
    flow.database.clock.advance(minutes=2)
    wait_until(flow, invoice_id, "sent")
    return invoice_id, [mail for mail in peer.to(flow.email) if mail.links][-1]


def click(flow: Flow, mail: Mail, answer: str) -> str:
    """Follow a link of a check-in mail; the outcome."""
    return flow.answer(token_hash(mail.token), answer)


def undo(flow: Flow, mail: Mail) -> str:
    """Press the button that takes back, on the page that a mail names; the outcome."""
    outcome: str = flow.api.call(
        "api.undo_checkin", p_token_hash=token_hash(page_token(mail)), p_user_agent=None
    )
    return outcome


def settings(flow: Flow, **changes: Any) -> None:
    """Change settings of the organization."""
    flow.call("api.update_organization", p_changes=Jsonb(changes))


def a_minute_passes(flow: Flow) -> None:
    """The time in which an answer by link may be contradicted is over."""
    flow.database.clock.advance(seconds=61)


def wait_for(peer: Peer, flow: Flow, count: int = 1) -> list[Mail]:
    """The mails that are no check-ins, once there are so many."""

    def look() -> list[Mail]:
        return [mail for mail in peer.to(flow.email) if not mail.links]

    return until(
        lambda: mails if len(mails := look()) >= count else None, lambda: f"{len(look())} instead of {count}"
    )


def user_mails(flow: Flow) -> list[tuple[str, str]]:
    """Kind and status of the mails to this user that are no check-ins, oldest first."""
    query = "select kind, status from rubis.user_mail where organization_id = %s order by user_mail_id"
    return [(row["kind"], row["status"]) for row in flow.database.admin.rows(query, [flow.organization_id])]


def contradict(flow: Flow, peer: Peer) -> Mail:
    """A machine follows both links of a new check-in mail."""
    _, mail = asked(flow, peer)
    assert [click(flow, mail, "paid"), click(flow, mail, "pending")] == ["paid", "confirm"]
    return mail


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("fr", ["Paiement noté", "retirez-la ici", "(", "Bonne journée"]),
        ("en", ["Payment noted", "take it back here", "(", "Have a good day"]),
    ],
)
def test_a_receipt_confirms_an_answer_and_takes_it_back(
    flow: Flow, peer: Peer, start_worker: StartWorker, locale: str, words: list[str]
) -> None:
    """After the time for a contradiction it reaches the user; its own token undoes, and only undoes."""
    settings(flow, locale=locale, time_zone="Pacific/Auckland")
    worker = start_worker()
    invoice_id, mail = asked(flow, peer, p_number="R-1")
    assert click(flow, mail, "paid") == "paid"
    assert user_mails(flow) == [("answer_receipt", "scheduled")]
    a_minute_passes(flow)
    (receipt,) = wait_for(peer, flow)
    said = receipt.message["Subject"] + receipt.text
    assert [word for word in [*words, "R-1", "Boulangerie Martin"] if word not in said] == []
    assert is_receipt(receipt)
    assert page_url(receipt).startswith("https://rubis.example/checkin/")
    assert receipt.text.count("://") == 1
    assert page_token(receipt) != mail.token

    hashed = token_hash(page_token(receipt))
    assert flow.answer(hashed, "pending") == "invalid"
    confirmed = flow.api.call(
        "api.confirm_checkin", p_token_hash=hashed, p_answer="pending", p_user_agent=None
    )
    assert confirmed == "invalid"
    assert flow.facts(invoice_id).status == "paid"
    assert [undo(flow, receipt), undo(flow, receipt)] == ["undone", "unchanged"]
    assert (flow.facts(invoice_id).status, flow.facts(invoice_id).rubis) == ("open", 0)

    tokens = [mail.token, page_token(receipt)]
    assert tables_holding(flow.database.admin, tokens) == []
    assert [token for token in tokens if token in worker.log()] == []


def test_a_button_is_confirmed_at_once(flow: Flow, peer: Peer, start_worker: StartWorker) -> None:
    """Nothing can contradict the page's button, so its receipt waits for nothing, and says so."""
    start_worker()
    _, mail = asked(flow, peer)
    confirmed = flow.api.call(
        "api.confirm_checkin", p_token_hash=token_hash(mail.token), p_answer="paid", p_user_agent=None
    )
    assert confirmed == "paid"
    (receipt,) = wait_for(peer, flow)
    assert "sur la page" in receipt.text


def test_no_receipt_of_a_contradicted_answer(flow: Flow, peer: Peer, start_worker: StartWorker) -> None:
    """What a machine answered is confirmed to nobody; the next answer is."""
    start_worker()
    contradicted = contradict(flow, peer)
    _, mail = asked(flow, peer)
    assert click(flow, mail, "paid") == "paid"
    a_minute_passes(flow)
    (receipt,) = wait_for(peer, flow)
    # The worker records it when the server has it.
    until(
        lambda: user_mails(flow) == [("answer_receipt", "cancelled"), ("answer_receipt", "sent")],
        lambda: f"{user_mails(flow)}",
    )
    assert contradicted.message["Subject"].split()[1] not in receipt.message["Subject"]


@pytest.mark.parametrize("by", ["contradiction", "undo"])
def test_taken_back_between_queueing_and_sending(
    flow: Flow, peer: Peer, start_worker: StartWorker, by: str
) -> None:
    """A receipt that has a job already does not leave."""
    settings(flow, contradiction_seconds=1)
    first = start_worker()
    _, mail = asked(flow, peer)
    first.ask_to_stop()
    first.wait()
    assert click(flow, mail, "paid") == "paid"
    flow.database.clock.advance(seconds=2)
    flow.tick()
    assert user_mails(flow) == [("answer_receipt", "queued")]
    if by == "undo":
        assert undo(flow, mail) == "undone"
    else:
        settings(flow, contradiction_seconds=3600)
        assert click(flow, mail, "pending") == "confirm"
    skipped = start_worker().wait_for("user_mail_skipped")
    assert [event["reason"] for event in skipped] == ["mail is cancelled"]
    assert user_mails(flow) == [("answer_receipt", "cancelled")]
    assert [mail for mail in peer.to(flow.email) if not mail.links] == []


@pytest.mark.parametrize("by", ["page", "app"])
def test_taken_back_while_a_receipt_was_failing(
    flow: Flow, peer: Peer, start_worker: StartWorker, by: str
) -> None:
    """A receipt in a worker's hands cannot be called back; but one that failed then is not tried again."""
    worker = start_worker()
    invoice_id, mail = asked(flow, peer)
    held = peer.hold("rcpt", flow.email)
    assert click(flow, mail, "paid") == "paid"
    a_minute_passes(flow)
    held.wait_until_reached()
    if by == "page":
        assert undo(flow, mail) == "undone"
    else:
        flow.call("api.reopen_invoice", p_invoice_id=invoice_id, p_reason=None)
    held.answer = "450 4.2.1 try later"
    held.released.set()
    until(lambda: user_mails(flow) == [("answer_receipt", "scheduled")], lambda: f"{user_mails(flow)}")
    flow.database.clock.advance(minutes=10)
    (skipped,) = worker.wait_for("user_mail_skipped")
    assert skipped["reason"] == "the answer no longer stands"
    assert user_mails(flow) == [("answer_receipt", "cancelled")]
    assert [mail for mail in peer.to(flow.email) if is_receipt(mail)] == []


def test_an_organization_without_receipts(flow: Flow, peer: Peer, start_worker: StartWorker) -> None:
    """Who wishes none gets none."""
    settings(flow, answer_receipts=False)
    start_worker()
    invoice_id, mail = asked(flow, peer)
    assert click(flow, mail, "paid") == "paid"
    a_minute_passes(flow)
    flow.tick()
    assert user_mails(flow) == []
    assert flow.facts(invoice_id).status == "paid"


def test_a_pending_answer_has_no_receipt(flow: Flow, peer: Peer, start_worker: StartWorker) -> None:
    """It changes nothing that a relance would not show."""
    start_worker()
    _, mail = asked(flow, peer)
    assert click(flow, mail, "pending") == "pending"
    assert user_mails(flow) == []


@pytest.mark.parametrize(
    ("locale", "words"),
    [("fr", ["Studio Camille", "Rien n\u2019est perdu"]), ("en", ["Studio Camille", "Nothing is lost"])],
)
def test_advice_after_the_second_contradiction(
    flow: Flow, peer: Peer, start_worker: StartWorker, locale: str, words: list[str]
) -> None:
    """Once, and never again: the setting that suits this mail system, without a link to follow."""
    settings(flow, locale=locale)
    start_worker()
    contradict(flow, peer)
    assert ("click_mode_advice", "scheduled") not in user_mails(flow)
    contradict(flow, peer)
    (advice,) = wait_for(peer, flow)
    assert [word for word in [*words, "click_mode", "PATCH"] if word not in advice.text] == []
    assert "://" not in advice.text
    contradict(flow, peer)
    kinds = [kind for kind, _ in user_mails(flow)]
    assert kinds.count("click_mode_advice") == 1


def test_no_name_reaches_a_header(flow: Flow, peer: Peer, start_worker: StartWorker) -> None:
    """Neither a client's name and an invoice's number in a receipt, nor an organization's in advice."""
    evil = 'Dupont, "B" <b@evil.example> =?utf-8?q?=0D=0ABcc=3A_c@evil.example?='
    settings(flow, name=evil)
    start_worker()
    _, mail = asked(flow, peer, p_client_name=evil, p_number="F;1 =?utf-8?b?DQpCY2M6IHhAeQ==?=")
    assert click(flow, mail, "paid") == "paid"
    a_minute_passes(flow)
    wait_for(peer, flow)
    contradict(flow, peer)
    contradict(flow, peer)
    for sent in wait_for(peer, flow, 2):
        assert set(sent.message.keys()) - TRANSPORT == set(HEADERS)
        assert sent.recipients == [flow.email]
        assert [address.addr_spec for address in sent.message["To"].addresses] == [flow.email]
        assert 'Dupont, "B" <b@evil.example>' in sent.message["Subject"]
