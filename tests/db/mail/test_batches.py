"""A job is a batch of mails, of any organizations: each goes its own way."""

from typing import Any

from tests.support.cast import Cast
from tests.support.line import Token


def queued(cast: Cast, invoices: int = 1) -> int:
    """Queue a mail of so many questions; returns its mail_id."""
    ids = [cast.invoice() for _ in range(invoices)]
    cast.queue(ids[0])
    mail_id: int = cast.notices("questions")[-1]["mail_id"]
    return mail_id


def begin(cast: Cast, *mails: tuple[int, int], tokens: int = 60) -> dict[int, Any]:
    """Begin a batch as one job does: what each mail says, by mail_id."""
    begun = cast.worker(
        "begin_mails",
        mails=cast.json([list(pair) for pair in mails]),
        message_ids=[f"<{mail_id}@rubis.test>" for _, mail_id in mails],
        token_hashes=[Token.new() for _ in range(tokens)],
    )
    return {facts["mail_id"]: facts for facts in begun}


def status(cast: Cast, mail_id: int) -> Any:
    """The status of a mail."""
    return cast.session.value("select status from rubis.mail where mail_id = %s", [mail_id])


def test_mails_of_several_organizations_begin_together(cast: Cast) -> None:
    """One call, two organizations: each has its own Message-ID, and no token of the pool serves twice."""
    other = Cast(cast.line, now=None)
    mine, theirs = queued(cast, 2), queued(other, 3)
    begun = begin(cast, (other.organization_id, theirs), (cast.organization_id, mine))
    assert {mail_id: facts["message_id"] for mail_id, facts in begun.items()} == {
        mail_id: f"<{mail_id}@rubis.test>" for mail_id in (mine, theirs)
    }
    assert [len(begun[mail_id]["items"]) for mail_id in (mine, theirs)] == [2, 3]
    places = [item["token"] for facts in begun.values() for item in facts["items"]]
    assert sorted(places) == [1, 2, 3, 4, 5]


def test_a_mail_that_cannot_begin_leaves_the_others(cast: Cast) -> None:
    """A bad row of one organization: its mail is skipped with the error, its lease brings it back."""
    other = Cast(cast.line, now=None)
    bad, good = queued(cast), queued(other)
    cast.dba("alter table rubis.organization drop constraint organization__questions_per_mail")
    cast.settings(questions_per_mail=-1)
    begun = begin(cast, (cast.organization_id, bad), (other.organization_id, good))
    assert begun[bad]["skip_reason"].startswith("error: 2201W ")
    assert "skip_reason" not in begun[good]
    assert (status(cast, bad), status(cast, good)) == ("queued", "sending")
    cast.settings(questions_per_mail=25)
    cast.clock.advance(minutes=10)
    cast.tick()
    assert "skip_reason" not in begin(cast, (cast.organization_id, bad))[bad]


def test_questions_that_find_no_token_wait_for_the_next_mail(cast: Cast) -> None:
    """Three questions and two tokens: two are asked, the third in the next mail."""
    mail_id = queued(cast, 3)
    begun = begin(cast, (cast.organization_id, mail_id), tokens=2)[mail_id]
    assert [item["token"] for item in begun["items"]] == [1, 2]
    cast.finish(begun)
    cast.tick()
    (next_,) = [mail for mail in cast.notices("questions") if mail["status"] == "queued"]
    (item,) = cast.begin_mail(next_["mail_id"])["items"]
    assert item["invoice_id"] not in {asked["invoice_id"] for asked in begun["items"]}


def test_a_mail_for_which_no_token_is_left_is_due_a_second_later(cast: Cast) -> None:
    """The pool is used up by the mail before it: it is put off, not cancelled."""
    other = Cast(cast.line, now=None)
    first, second = queued(cast), queued(other)
    begun = begin(cast, (cast.organization_id, first), (other.organization_id, second), tokens=1)
    assert "skip_reason" not in begun[first]
    assert "skip_reason" in begun[second]
    assert status(cast, second) == "scheduled"
    cast.clock.advance(seconds=1)
    cast.tick()
    assert "skip_reason" not in begin(cast, (other.organization_id, second))[second]


def test_a_mail_that_does_not_exist_is_skipped(cast: Cast) -> None:
    """An unknown id, or another organization's, is skipped, and the rest of the batch leaves."""
    other = Cast(cast.line, now=None)
    mine, theirs = queued(cast), queued(other)
    begun = begin(
        cast, (cast.organization_id, 0), (cast.organization_id, theirs), (cast.organization_id, mine)
    )
    assert [begun[mail_id]["skip_reason"] for mail_id in (0, theirs)] == ["mail does not exist"] * 2
    assert "skip_reason" not in begun[mine]
    assert status(cast, theirs) == "queued"


def test_what_finds_no_place_in_a_mail_that_ends_is_due_at_once(cast: Cast) -> None:
    """A mail of one question is refused, and one has nothing left to say: the others follow unasked."""
    cast.settings(questions_per_mail=1)
    ids = [cast.invoice() for _ in range(3)]
    cast.queue(ids[0])
    cast.fail(cast.begin_mail(cast.notices("questions")[-1]["mail_id"]), "refused")
    assert cast.tick()["queued"] == 1
    cast.api("mark_invoice_paid", invoice_id=ids[1])
    cast.dba("update rubis.app_user set email = 'new@atelier.test' where user_id = %s", cast.user_id)
    (second,) = [mail for mail in cast.notices("questions") if mail["status"] == "queued"]
    assert [item["invoice_id"] for item in cast.begin_mail(second["mail_id"])["items"]] == [ids[2]]


def test_receipts_that_find_no_place_follow_at_once(cast: Cast) -> None:
    """Two receipts are due and one token is left: the second receipt follows in a mail of its own."""
    ids = [cast.invoice() for _ in range(2)]
    for invoice_id in ids:
        assert cast.click(cast.ask(invoice_id)) == "paid"
    cast.clock.set(cast.task(ids[1])["receipt_at"])
    cast.tick()
    (first,) = cast.notices("receipts")
    begun = begin(cast, (cast.organization_id, first["mail_id"]), tokens=1)[first["mail_id"]]
    assert len(begun["items"]) == 1
    cast.finish(begun)
    assert cast.tick()["queued"] == 1
    assert len(cast.begin_mail(cast.notices("receipts")[-1]["mail_id"])["items"]) == 1
