"""Clicks, buttons, undos, time, workers and users in any order: the database does what the model says.

A Hypothesis state machine over the real database and `click_model` (see `tests.support.machine`).
"""

import secrets
from collections import Counter
from datetime import timedelta

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from psycopg.rows import DictRow

from tests.db.checkin.click_model import Answer, Invoice, Letter, Question, Receipt
from tests.db.relance.machine_oracle import RULES
from tests.support.cast import AHEAD, Cast
from tests.support.letters import begin_letter, calendar, finish_letter, finish_user_mail
from tests.support.machine import play

BOOKS = (*RULES, "paid_invoice_has_event", "paid_by_a_click", "answer_paid_settles", "draft_validated_once")
AFTERWARDS = ["scanner", "receipt", "doubt", "change", "undo"]
PAUSES = [0.001, 1, 59, 60, 3600, 25 * 3600]
WANTED = {
    *("link paid", "link pending", "link already_answered", "link confirm", "link expired", "contradicted"),
    *("page paid", "page pending", "page already_answered", "page expired", "changed"),
    *("undo undone", "undo unchanged", "receipt undone", "receipt unchanged", "asked again", "letter"),
}
"""What a run must have seen to prove anything."""

index = st.integers(0, 7)
answers: st.SearchStrategy[Answer] = st.sampled_from(["paid", "pending"])


class Machine(RuleBasedStateMachine):
    """One organization with up to two invoices, its user, its worker, and whoever has its mails."""

    cast: Cast
    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.scene = self.cast.session.connection.transaction(force_rollback=True)
        self.scene.__enter__()
        calendar(self.cast)
        self.steps: int = self.cast.session.value(
            "select count(*) from rubis.relance_plan_step where organization_id = %s",
            [self.cast.organization_id],
        )
        self.ids: list[int] = []
        self.invoices: list[Invoice] = []

    def teardown(self) -> None:
        """No rule is broken at the end; then nothing has happened."""
        status = self.cast.session.connection.info.transaction_status
        try:
            if status != psycopg.pq.TransactionStatus.INERROR:
                for name in BOOKS:
                    found = self.cast.session.rows(f"select * from audit.rule_{name}")
                    assert not found, (name, found)
        finally:
            self.scene.__exit__(None, None, None)

    @initialize(due=st.integers(-20, 3))
    def first(self, due: int) -> None:
        """There is always one invoice, and it is asked about."""
        self.issue(due)
        self.ask_again(0)
        self.work("accepted")

    @rule(due=st.integers(-20, 3))
    @precondition(lambda self: len(self.invoices) == 1)
    def issue(self, due: int) -> None:
        """Another invoice, due some days ago or ahead."""
        now = self.cast.now()
        due_on = now.date() + timedelta(days=due)
        self.ids.append(self.cast.invoice(issued_on=min(due_on, now.date()), due_on=due_on))
        self.invoices.append(Invoice(len(self.ids), due_on))
        self.invoices[-1].issue(now)

    @rule(which=index, answer=answers)
    def click(self, which: int, answer: Answer) -> None:
        """Any link ever mailed."""
        if found := self.mail(which):
            invoice, question, mail = found
            before = question.contradicted, len(invoice.questions)
            expected = invoice.click(self.cast.now(), question, mail, answer)
            assert self.cast.click(mail.token, answer) == expected
            self.seen[f"link {expected}"] += 1
            self.seen["contradicted"] += question.contradicted > before[0]
            self.seen["asked again"] += expected == "expired" and len(invoice.questions) > before[1]

    @rule(which=index, answer=answers)
    def click_both(self, which: int, answer: Answer) -> None:
        """What a scanner does."""
        self.click(which, answer)
        self.click(which, "pending" if answer == "paid" else "paid")

    @rule(which=index, answer=answers)
    def press(self, which: int, answer: Answer) -> None:
        """A button of the page of any mail."""
        if found := self.mail(which):
            invoice, question, mail = found
            changes, asked = question.answer not in (None, answer), len(invoice.questions)
            expected = invoice.press(self.cast.now(), question, mail, answer)
            assert self.cast.press(mail.token, answer) == expected
            self.seen[f"page {expected}"] += 1
            self.seen["changed"] += changes and expected == answer
            self.seen["asked again"] += expected == "expired" and len(invoice.questions) > asked

    @rule(which=index)
    def undo(self, which: int) -> None:
        """The answer is taken back on the page of any mail."""
        if found := self.mail(which):
            invoice, question, mail = found
            expected = invoice.undo(self.cast.now(), question)
            assert self.cast.undo(mail.token) == expected
            self.seen[f"undo {expected}"] += 1

    @rule(which=index)
    def undo_by_receipt(self, which: int) -> None:
        """Or on that of any receipt."""
        receipts = [
            (invoice, receipt) for invoice in self.invoices for receipt in invoice.receipts if receipt.token
        ]
        if receipts:
            invoice, receipt = receipts[-1 - which % len(receipts)]
            expected = invoice.undo(self.cast.now(), receipt.question, receipt)
            assert receipt.token is not None
            assert self.cast.undo(receipt.token) == expected
            self.seen[f"receipt {expected}"] += 1

    @rule(which=index, function=st.sampled_from(["mark_invoice_paid", "cancel_invoice"]))
    def settle(self, which: int, function: str) -> None:
        """The user settles it by hand."""
        invoice_id, invoice = self.chosen(which)
        if invoice.status == "open":
            self.cast.api(function, invoice_id=invoice_id)
            paid = function == "mark_invoice_paid"
            invoice.settle("paid" if paid else "cancelled", ("manual", self.cast.now()) if paid else None)

    @rule(which=index)
    def reopen(self, which: int) -> None:
        """It was a mistake."""
        invoice_id, invoice = self.chosen(which)
        if invoice.status != "open":
            self.cast.api("reopen_invoice", invoice_id=invoice_id, reason=None)
            invoice.reopen(self.cast.now())

    @rule(which=index)
    def ask_again(self, which: int) -> None:
        """Now, in place of what is being asked."""
        invoice_id, invoice = self.chosen(which)
        if invoice.status == "open":
            self.cast.api("ask_checkin_again", invoice_id=invoice_id)
            invoice.ask(self.cast.now())

    @rule(which=index, answer=answers)
    def answer_in_app(self, which: int, answer: Answer) -> None:
        """The same question."""
        invoice_id, invoice = self.chosen(which)
        expected = invoice.answer_in_app(self.cast.now(), answer)
        if expected is None:
            with self.cast.raises("RB409"):
                self.cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer=answer)
        else:
            given = self.cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer=answer)
            assert given["outcome"] == expected

    @rule(seconds=st.sampled_from(PAUSES))
    def time_passes(self, seconds: float) -> None:
        """From a millisecond to days."""
        self.cast.clock.advance(seconds=seconds)

    @rule(which=st.integers(0, 40), microseconds=st.sampled_from([-1, 0, 1]))
    def until_a_boundary(self, which: int, microseconds: int) -> None:
        """The last microsecond before something is over, its end, or the one after."""
        now = self.cast.now()
        moments = {moment for invoice in self.invoices for moment in invoice.boundaries()}
        ahead = sorted(
            at for moment in moments if (at := moment + timedelta(microseconds=microseconds)) > now
        )
        if ahead:
            self.cast.clock.set(ahead[which % len(ahead)])

    @rule()
    def tick(self) -> None:
        """What is due is queued, and stays so for a while."""
        self.cast.tick()
        for invoice_id, invoice in zip(self.ids, self.invoices, strict=True):
            invoice.tick(self.cast.now())
            if len(self.cast.rows("checkin_task", invoice_id)) > len(invoice.questions):
                invoice.asked_before_the_letter(self.cast.now())

    @rule(fate=st.sampled_from(["accepted", "accepted", "unknown"]))
    def work(self, fate: str) -> None:
        """The worker runs: it ticks, and mails what is queued; a mail's fate may remain unknown once."""
        self.tick()
        for invoice_id, invoice in zip(self.ids, self.invoices, strict=True):
            if invoice.latest.status == "queued":
                self.mail_question(invoice_id, invoice, fate)
            for receipt, row in zip(invoice.receipts, self.cast.receipts(invoice_id), strict=True):
                if receipt.status == "queued":
                    self.mail_receipt(invoice, receipt, row)
        self.cast.clock.advance(milliseconds=1)  # a letter is before or after an answer, not with it
        for invoice_id, invoice in zip(self.ids, self.invoices, strict=True):
            relance = self.cast.relance(invoice_id)
            if relance["status"] == "queued":
                begun = begin_letter(self.cast, relance["relance_id"])
                if begun.get("skip_reason") is None:
                    assert invoice.may_leave(self.cast.now()), invoice.latest
                    finish_letter(self.cast, begun)
                    invoice.letters_sent += 1
                    self.seen["letter"] += 1
        self.cast.clock.advance(milliseconds=1)

    @rule(which=index)
    def until_a_letter(self, which: int) -> None:
        """Nobody does anything until the relance ahead is due; then the worker runs."""
        invoice_id, _ = self.chosen(which)
        due_at = self.cast.relance(invoice_id)["next_attempt_at"]
        if due_at is not None:
            self.cast.clock.set(max(self.cast.now(), due_at))
            self.work("accepted")

    @rule(
        which=index,
        answer=answers,
        via=st.sampled_from(["link", "page"]),
        then=st.sampled_from([*AFTERWARDS, "nothing"]),
    )
    def asked_and_answered(self, which: int, answer: Answer, via: str, then: str) -> None:
        """What mostly happens: a question by mail and its answer; then its receipt, or second thoughts."""
        self.reopen(which)
        self.ask_again(which)
        self.work("accepted")
        self.click(0, answer) if via == "link" else self.press(0, answer)
        if then in ("receipt", "doubt"):
            self.cast.clock.advance(minutes=1)
            self.work("accepted")
        if then == "scanner":
            self.click_both(0, answer)
        elif then == "doubt":
            self.undo_by_receipt(0)
        elif then == "change":
            self.press(0, "pending" if answer == "paid" else "paid")
        elif then == "undo":
            self.undo(0)

    @rule(which=index, hours=st.integers(24, 26), ticked=st.booleans())
    def answered_too_late(self, which: int, hours: int, *, ticked: bool) -> None:
        """A question by mail; a day later somebody says that it is paid."""
        self.reopen(which)
        self.ask_again(which)
        self.work("accepted")
        self.cast.clock.advance(hours=hours)
        if ticked:
            self.tick()
        self.click(0, "paid")

    @invariant()
    def they_agree(self) -> None:
        """Invoice, who settled it, every question with its answer, rubis, relance, receipts, advice."""
        for invoice_id, invoice in zip(self.ids, self.invoices, strict=True):
            row = self.cast.row(invoice_id)
            settled = (row["paid_via"], row["paid_at"]) if row["status"] == "paid" else None
            assert (row["status"], settled) == (invoice.status, invoice.settled)
            asked = [
                (
                    task["status"],
                    {"paid": "paid", "still_pending": "pending", None: None}[task["answer"]],
                    task["answered_via"],
                    task["answered_at"],
                    (task["contradicted_at"] or task["undone_at"]) is not None,
                    task["contradicted_at"] is not None,
                )
                for task in self.cast.rows("checkin_task", invoice_id)
            ]
            assert asked == [question.facts() for question in invoice.questions]
            rubis = sum(entry["delta"] for entry in self.cast.rows("rubis_entry", invoice_id))
            assert rubis == (invoice.status == "paid")
            ahead = [r for r in self.cast.rows("relance", invoice_id) if r["status"] in AHEAD]
            assert len(ahead) == (invoice.status == "open" and invoice.letters_sent < self.steps)
            receipts = [receipt["status"] for receipt in self.cast.receipts(invoice_id)]
            assert receipts == [receipt.status for receipt in invoice.receipts]
        contradicted = sum(q.contradicted for invoice in self.invoices for q in invoice.questions)
        assert self.advice() == (contradicted >= 2)

    def chosen(self, which: int) -> tuple[int, Invoice]:
        """One of the invoices, with its id."""
        return self.ids[which % len(self.ids)], self.invoices[which % len(self.ids)]

    def mail(self, which: int) -> tuple[Invoice, Question, Letter] | None:
        """One of the mails of questions, the latest the likeliest."""
        found = [
            (invoice, question, mail)
            for invoice in self.invoices
            for question in invoice.questions
            for mail in question.mails
        ]
        found.sort(key=lambda one: one[2].at)
        return found[-1 - which // 2 % len(found)] if found else None

    def mail_question(self, invoice_id: int, invoice: Invoice, fate: str) -> None:
        """Begin, and be accepted; or nobody knows, and it will be tried again."""
        begun = self.cast.begin(invoice_id)
        assert begun["skip_reason"] is None
        question = invoice.latest
        question.mails.append(Letter(begun["token"], self.cast.now()))
        if fate == "accepted" or len(question.mails) > 1:
            self.cast.finish(begun)
            question.status, question.expires = "sent", self.cast.now() + timedelta(hours=24)
        else:
            self.cast.fail(begun, fate)
            question.status, question.due = "scheduled", self.cast.task(invoice_id)["next_attempt_at"]

    def mail_receipt(self, invoice: Invoice, receipt: Receipt, row: DictRow) -> None:
        """Begin: it leaves if its answer is still the one that settled the invoice."""
        token = secrets.token_bytes(32)
        begun = self.cast.worker(
            "begin_user_mail",
            organization_id=self.cast.organization_id,
            user_mail_id=row["user_mail_id"],
            token_hash=token,
        )
        if receipt.question.at == receipt.at and invoice.settled == ("check-in", receipt.at):
            assert begun.get("skip_reason") is None, begun
            finish_user_mail(self.cast, begun)
            receipt.status, receipt.token = "sent", token
        else:
            assert begun["skip_reason"] == "the answer no longer stands"
            receipt.status = "cancelled"

    def advice(self) -> int:
        """How many mails advise click_mode confirm."""
        count: int = self.cast.session.value(
            "select count(*) from rubis.user_mail where organization_id = %s and kind = 'click_mode_advice'",
            [self.cast.organization_id],
        )
        return count


def test_the_database_does_what_the_model_says(cast: Cast) -> None:
    """The rules above in any order: both agree after each, and at the end no audit rule is broken."""
    seen: Counter[str] = Counter()
    play(Machine, seed=4, min_steps=15, cast=cast, seen=seen)
    assert {what for what in WANTED if not seen[what]} == set(), f"not seen: {seen}"
