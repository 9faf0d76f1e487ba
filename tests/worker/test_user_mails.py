"""Receipts of answers, and advice, by a real worker: none leaves for an answer that was taken back."""

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from app.core.security import token_hash
from tests.mail.mail_reading import HEADERS
from tests.support.cast import Cast
from tests.support.leaks import tables_holding
from tests.support.mails import is_receipt, page_token, page_tokens, page_url, wait_until
from tests.support.smtp import Mail, Peer
from tests.support.waiting import until
from tests.worker.conftest import StartWorker

TRANSPORT = {"X-Peer", "X-MailFrom", "X-RcptTo"}
"""What the SMTP server of these tests adds."""


def asked(cast: Cast, peer: Peer, **changes: Any) -> tuple[int, Mail]:
    """An invoice that the running worker has just asked about, and the mail."""
    invoice_id = cast.invoice(**changes)
    cast.clock.advance(minutes=2)
    wait_until(cast, invoice_id, "sent")
    return invoice_id, [mail for mail in peer.to(cast.email) if mail.links][-1]


def click(cast: Cast, mail: Mail, answer: str) -> str:
    """Follow a link of a check-in mail; the outcome."""
    return cast.click(token_hash(mail.token), answer)


def undo(cast: Cast, mail: Mail) -> str:
    """Press the button that takes back, on the page that a mail names; the outcome."""
    return cast.undo(token_hash(page_token(mail)))


def settings(cast: Cast, **changes: Any) -> None:
    """Change settings of the organization."""
    cast.api("update_organization", changes=Jsonb(changes))


def a_minute_passes(cast: Cast) -> None:
    """The time in which an answer by link may be contradicted is over."""
    cast.clock.advance(seconds=61)


def wait_for(peer: Peer, cast: Cast, count: int = 1) -> list[Mail]:
    """The mails that are no check-ins, once there are so many."""

    def look() -> list[Mail]:
        return [mail for mail in peer.to(cast.email) if not mail.links]

    return until(
        lambda: mails if len(mails := look()) >= count else None, lambda: f"{len(look())} instead of {count}"
    )


def user_mails(cast: Cast) -> list[tuple[str, str]]:
    """Kind and status of the mails to this user that ask nothing, oldest first."""
    query = (
        "select kind, status from rubis.mail"
        " where organization_id = %s and kind not in ('questions', 'letter') order by mail_id"
    )
    return [(row["kind"], row["status"]) for row in cast.session.rows(query, [cast.organization_id])]


def contradict(cast: Cast, peer: Peer, **changes: Any) -> Mail:
    """A machine follows both links of a new check-in mail."""
    _, mail = asked(cast, peer, **changes)
    assert [click(cast, mail, "paid"), click(cast, mail, "pending")] == ["paid", "confirm"]
    return mail


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("fr", ["Paiement noté", "retirez-la ici", "(", "Bonne journée"]),
        ("en", ["Payment noted", "take it back here", "(", "Have a good day"]),
    ],
)
def test_a_receipt_confirms_an_answer_and_takes_it_back(
    cast: Cast, peer: Peer, start_worker: StartWorker, locale: str, words: list[str]
) -> None:
    """After the time for a contradiction it reaches the user; its own token undoes, and only undoes."""
    settings(cast, locale=locale, time_zone="Pacific/Auckland")
    worker = start_worker()
    invoice_id, mail = asked(cast, peer, number="R-1")
    assert click(cast, mail, "paid") == "paid"
    assert user_mails(cast) == []
    a_minute_passes(cast)
    (receipt,) = wait_for(peer, cast)
    said = receipt.message["Subject"] + receipt.text
    assert [word for word in [*words, "R-1", "Dupont SARL"] if word not in said] == []
    assert is_receipt(receipt)
    assert page_url(receipt).startswith("https://rubis.example/checkin/")
    assert receipt.text.count("://") == 1
    assert page_token(receipt) != mail.token

    hashed = token_hash(page_token(receipt))
    assert cast.click(hashed, "pending") == "invalid"
    assert cast.press(hashed, "pending") == "invalid"
    assert cast.tally(invoice_id).status == "paid"
    assert [undo(cast, receipt), undo(cast, receipt)] == ["undone", "unchanged"]
    assert (cast.tally(invoice_id).status, cast.tally(invoice_id).rubis) == ("open", 0)

    tokens = [mail.token, page_token(receipt)]
    assert tables_holding(cast.session, tokens) == []
    assert [token for token in tokens if token in worker.log()] == []


def test_receipts_that_are_due_within_ten_minutes_go_together(
    cast: Cast, peer: Peer, start_worker: StartWorker
) -> None:
    """Two answers of paid, one receipt mail with a link of its own for each; one is taken back, one stays."""
    start_worker()
    first = cast.invoice(number="R-1")
    second = cast.invoice(number="R-2")
    cast.clock.advance(minutes=2)
    wait_until(cast, first, "sent")
    wait_until(cast, second, "sent")
    (mail,) = [mail for mail in peer.to(cast.email) if mail.links]
    assert len(mail.tokens) == 2
    for token in mail.tokens:
        assert cast.click(token_hash(token), "paid") == "paid"
    a_minute_passes(cast)
    (receipts,) = wait_for(peer, cast)
    assert ("R-1" in receipts.text, "R-2" in receipts.text) == (True, True)
    undoing, keeping = page_tokens(receipts)
    assert cast.undo(token_hash(undoing)) == "undone"
    assert sorted(cast.tally(invoice_id).status for invoice_id in (first, second)) == ["open", "paid"]
    assert cast.look(token_hash(keeping)) is not None
    until(lambda: user_mails(cast) == [("receipts", "sent")], lambda: f"{user_mails(cast)}")


def test_a_button_is_confirmed_at_once(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """Nothing can contradict the page's button, so its receipt waits for nothing, and says so."""
    start_worker()
    _, mail = asked(cast, peer)
    assert cast.press(token_hash(mail.token), "paid") == "paid"
    (receipt,) = wait_for(peer, cast)
    assert "sur la page" in receipt.text


def test_no_receipt_of_a_contradicted_answer(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """What a machine answered is not confirmed, but asked about at once; the next answer is confirmed."""
    start_worker()
    contradicted = contradict(cast, peer)
    (told,) = wait_for(peer, cast)
    assert told.message["Subject"].startswith("Est-elle payée")
    _, mail = asked(cast, peer)
    assert click(cast, mail, "paid") == "paid"
    a_minute_passes(cast)
    _, receipt = wait_for(peer, cast, 2)
    # The worker records it when the server has it.
    sent = [("said_paid", "sent"), ("receipts", "sent")]
    until(
        lambda: user_mails(cast) == sent,
        lambda: f"{user_mails(cast)}",
    )
    assert contradicted.message["Subject"].split()[1] not in receipt.message["Subject"]


@pytest.mark.parametrize("by", ["contradiction", "undo"])
def test_taken_back_between_queueing_and_sending(
    cast: Cast, peer: Peer, start_worker: StartWorker, by: str
) -> None:
    """A receipt that has a job already does not leave."""
    settings(cast, contradiction_seconds=1)
    first = start_worker()
    _, mail = asked(cast, peer)
    first.ask_to_stop()
    first.wait()
    assert click(cast, mail, "paid") == "paid"
    cast.clock.advance(seconds=2)
    cast.tick()
    assert user_mails(cast) == [("receipts", "queued")]
    if by == "undo":
        assert undo(cast, mail) == "undone"
    else:
        settings(cast, contradiction_seconds=3600)
        assert click(cast, mail, "pending") == "confirm"
    skipped = start_worker().wait_for("mail_skipped")
    assert [event["reason"] for event in skipped] == ["no receipt is due"]
    assert user_mails(cast)[0] == ("receipts", "cancelled")
    assert [mail for mail in peer.to(cast.email) if "Paiement noté" in mail.message["Subject"]] == []


@pytest.mark.parametrize("by", ["page", "app"])
def test_taken_back_while_a_receipt_was_failing(
    cast: Cast, peer: Peer, start_worker: StartWorker, by: str
) -> None:
    """A receipt in a worker's hands cannot be called back; but one that failed then is not tried again."""
    worker = start_worker()
    invoice_id, mail = asked(cast, peer)
    held = peer.hold("rcpt", cast.email)
    assert click(cast, mail, "paid") == "paid"
    a_minute_passes(cast)
    held.wait_until_reached()
    if by == "page":
        assert undo(cast, mail) == "undone"
    else:
        cast.api("reopen_invoice", invoice_id=invoice_id, reason=None)
    held.answer = "450 4.2.1 try later"
    held.released.set()
    until(lambda: user_mails(cast) == [("receipts", "scheduled")], lambda: f"{user_mails(cast)}")
    cast.clock.advance(minutes=10)
    (skipped,) = worker.wait_for("mail_skipped")
    assert skipped["reason"] == "no receipt is due"
    assert user_mails(cast) == [("receipts", "cancelled")]
    assert [mail for mail in peer.to(cast.email) if is_receipt(mail)] == []


def test_an_organization_without_receipts(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """An organization that wishes no receipts gets none."""
    settings(cast, answer_receipts=False)
    start_worker()
    invoice_id, mail = asked(cast, peer)
    assert click(cast, mail, "paid") == "paid"
    a_minute_passes(cast)
    cast.tick()
    assert user_mails(cast) == []
    assert cast.tally(invoice_id).status == "paid"


def test_a_pending_answer_has_no_receipt(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """It changes nothing that a relance would not show."""
    start_worker()
    _, mail = asked(cast, peer)
    assert click(cast, mail, "pending") == "pending"
    assert user_mails(cast) == []


@pytest.mark.parametrize(
    ("locale", "words"),
    [("fr", ["Studio Camille", "Rien n\u2019est perdu"]), ("en", ["Studio Camille", "Nothing is lost"])],
)
def test_advice_after_the_second_contradiction(
    cast: Cast, peer: Peer, start_worker: StartWorker, locale: str, words: list[str]
) -> None:
    """Once, and never again: the setting that suits this mail system, with the way to it."""
    settings(cast, locale=locale, name="Studio Camille")
    start_worker()
    contradict(cast, peer)
    assert ("click_mode_advice", "scheduled") not in user_mails(cast)
    contradict(cast, peer)
    # Each contradiction is told of too, with a link.
    (advice,) = (mail for mail in wait_for(peer, cast, 3) if not is_receipt(mail))
    assert [word for word in [*words, "/settings#click-mode"] if word not in advice.text] == []
    assert advice.text.count("://") == 1
    contradict(cast, peer)
    kinds = [kind for kind, _ in user_mails(cast)]
    assert kinds.count("click_mode_advice") == 1


def test_no_name_reaches_a_header(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """Neither a client's name, an invoice's number nor an organization's name, in any mail to a user."""
    evil = 'Dupont, "B" <b> =?utf-8?q?=0D=0ABcc=3A_c=40evil.example?='
    settings(cast, name=evil)
    start_worker()
    _, mail = asked(cast, peer, client_name=evil, number="F;1 =?utf-8?b?DQpCY2M6IHhAeQ==?=")
    assert click(cast, mail, "paid") == "paid"
    a_minute_passes(cast)
    wait_for(peer, cast)
    contradict(cast, peer, client_name=evil)
    contradict(cast, peer, client_name=evil)
    # The receipt, two mails about a paid that did not count, and the advice.
    for sent in wait_for(peer, cast, 4):
        assert set(sent.message.keys()) - TRANSPORT == set(HEADERS)
        assert sent.recipients == [cast.email]
        assert [address.addr_spec for address in sent.message["To"].addresses] == [cast.email]
        assert 'Dupont, "B" <b>' in sent.message["Subject"]
