"""What must hold of every check-in mail that reached somebody."""

import re
from typing import Any

from app.core.security import token_hash
from tests.support.cast import Cast
from tests.support.leaks import tables_holding
from tests.support.smtp import Mail, Peer
from tests.support.waiting import until

_PAGE = re.compile(r"^(?P<url>https?://\S+/checkin/(?P<token>[A-Za-z0-9_-]{43}))$", re.MULTILINE)


def page_urls(mail: Mail) -> list[str]:
    """The pages that a mail of questions or receipts names, one for each of them, alone on their lines."""
    return [match["url"] for match in _PAGE.finditer(mail.text)]


def page_url(mail: Mail) -> str:
    """The page of the only question or receipt of a mail."""
    (url,) = page_urls(mail)
    return url


def page_token(mail: Mail) -> str:
    """The plain token of that page: a receipt's own, or the one that a check-in mail's links have."""
    return page_url(mail).rpartition("/")[2]


def page_tokens(mail: Mail) -> list[str]:
    """The plain tokens of the pages that a mail about several invoices names, as they stand in it."""
    return [url.rpartition("/")[2] for url in page_urls(mail)]


def is_receipt(mail: Mail) -> bool:
    """Whether it names a page and has no links that answer."""
    return not mail.questions and _PAGE.search(mail.text) is not None


def assert_links_work(cast: Cast, mails: list[Mail]) -> None:
    """Either link of each question would answer now, and no table holds a token. Nothing is answered."""
    questions = [question for mail in mails for question in mail.questions]
    assert [token for mail in mails for token in page_tokens(mail)] == [one.token for one in questions]
    for question in questions:
        assert list(question.links) == ["paid", "pending"]
        for answer in question.links:
            with (
                cast.line.acting("rubis_api") as session,
                session.connection.transaction(force_rollback=True),
            ):
                click = {"p_token_hash": token_hash(question.token), "p_answer": answer}
                assert session.call("api.answer_checkin", **click, p_user_agent=None) == answer
    assert tables_holding(cast.session, [question.token for question in questions]) == []


def wait_until(cast: Cast, invoice_id: int, status: str) -> dict[str, Any]:
    """Return the latest check-in of an invoice once it has this status."""
    return until(
        lambda: task if (task := cast.task(invoice_id))["status"] == status else None,
        lambda: f"not {status}: {cast.task(invoice_id)}",
    )


def wait_for_mails(peer: Peer, recipient: str, count: int) -> list[Mail]:
    """Return what this address has been sent, once it is so many mails."""
    return until(
        lambda: mails if len(mails := peer.to(recipient)) >= count else None,
        lambda: f"{len(peer.to(recipient))} mails instead of {count}",
    )


def wait_for_failure(cast: Cast, invoice_id: int, count: int = 1) -> dict[str, Any]:
    """Return the latest attempt once there are so many and it has failed."""

    def look() -> dict[str, Any] | None:
        mails = cast.mails(invoice_id)
        return mails[-1] if len(mails) == count and mails[-1]["failed_at"] is not None else None

    return until(look, lambda: f"not {count} failed attempts: {cast.mails(invoice_id)}")
