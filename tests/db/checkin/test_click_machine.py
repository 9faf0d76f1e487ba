"""Clicks, mails and their fates, users and DBAs in any order: the database does what the model says.

A Hypothesis state machine over the real database and `click_model` (see `tests.support.machine`).
"""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from psycopg.rows import DictRow

from tests.db.checkin.click_model import (
    MINUTE,
    UNSENT,
    Answer,
    Failure,
    Fate,
    Hours,
    Invoice,
    Letter,
    Post,
    Question,
    Receipt,
)
from tests.db.relance.machine_oracle import RULES
from tests.support.cast import AHEAD, Cast
from tests.support.letters import begin_letter, calendar, finish_letter, proven, queued_letter
from tests.support.machine import play

BOOKS = (
    *(*RULES, "paid_invoice_has_event", "paid_by_a_click", "answer_paid_settles"),
    *("draft_validated_once", "said_paid_decided"),
)
AFTERWARDS = ["scanner", "receipt", "change", "undo", "nothing"]
PAUSES = [0.001, 1, 59, 60, 3600, 25 * 3600]
ALMOST_A_DAY = timedelta(hours=23)
"""A letter that is so near is not put off to be asked about."""
CLASSES: list[Failure] = ["temporary", "refused", "operator", "unknown"]
ZONES = ["Europe/Paris", "America/New_York", "Asia/Kolkata"]
WANTED = {
    *("link paid", "link pending", "link already_answered", "link confirm", "link expired", "contradicted"),
    *("page paid", "page pending", "page already_answered", "page expired", "changed"),
    *("undo undone", "undo unchanged", "receipt undone", "receipt unchanged", "asked again", "letter"),
    *("user sets", "user is refused", "user corrects", "user may not correct", "user moves"),
    *("dba inserts", "dba sets", "dba is refused", "dba corrects", "dba may not correct", "dba moves"),
    *("mail accepted", "mail lost", *(f"mail {failure}" for failure in CLASSES)),
    *("late report", "answered while in the air", "failed, then answered", "nothing to mail"),
    *("warned", "decided paid", "decided pending", "two questions", "two receipts"),
}
"""What a run must have seen to prove anything."""

index = st.integers(0, 7)
hands = st.sampled_from(["user", "dba"])
answers: st.SearchStrategy[Answer] = st.sampled_from(["paid", "pending"])


class Machine(RuleBasedStateMachine):
    """One organization with up to two invoices, its user, its worker, a DBA, and those who have its mails."""

    cast: Cast
    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.scene = self.cast.session.connection.transaction(force_rollback=True)
        self.scene.__enter__()
        calendar(self.cast)
        proven(self.cast)
        self.steps: int = self.cast.session.value(
            "select count(*) from rubis.relance_plan_step where organization_id = %s",
            [self.cast.organization_id],
        )
        self.ids: list[int] = []
        self.invoices: list[Invoice] = []
        self.hours = Hours()
        self.post: Post | None = None
        self.advised = False
        self.accepted: datetime | None = None
        self.attempts: list[tuple[Post, list[tuple[Question, Letter]], DictRow]] = []

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
        self.issue(due, "user")
        self.ask_again(0)
        self.work("accepted")

    @rule(due=st.integers(-20, 3), by=hands)
    @precondition(lambda self: len(self.invoices) == 1)
    def issue(self, due: int, by: str) -> None:
        """The user issues or a DBA inserts an invoice, due some days ago or ahead."""
        now = self.cast.now()
        due_on = now.date() + timedelta(days=due)
        write = self.cast.invoice if by == "user" else self.cast.insert
        self.ids.append(write(issued_on=now.date() - timedelta(days=60), due_on=due_on))
        self.invoices.append(Invoice(due_on, self.hours))
        self.invoices[-1].issue(now)
        self.seen["dba inserts"] += by == "dba"

    @rule(which=index, answer=answers)
    def click(self, which: int, answer: Answer) -> None:
        """Any link ever mailed."""
        if found := self.mail(which):
            invoice, question, mail = found
            before, status = (question.contradicted, len(invoice.questions)), question.status
            expected = invoice.click(self.cast.now(), question, mail, answer)
            assert self.cast.click(mail.token, answer) == expected
            self.seen[f"link {expected}"] += 1
            self.seen["answered while in the air"] += status == "sending" and expected == answer
            self.seen["failed, then answered"] += status == "failed" and expected == answer
            if question.contradicted > before[0]:
                self.seen["contradicted"] += 1
                taken_back = {q.mails[-1].post for i in self.invoices for q in i.questions if q.contradicted}
                self.advised |= len(taken_back) >= 2
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
            decides = question.status != "sent" and invoice.undecided()
            expected = invoice.press(self.cast.now(), question, mail, answer)
            assert self.cast.press(mail.token, answer) == expected
            self.seen[f"page {expected}"] += 1
            self.seen["changed"] += changes and expected == answer
            self.seen[f"decided {answer}"] += decides and expected == answer
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
        receipts = [(invoice, receipt) for invoice in self.invoices for receipt in invoice.receipts]
        if receipts:
            invoice, receipt = receipts[-1 - which % len(receipts)]
            expected = invoice.undo(self.cast.now(), receipt.question, receipt)
            assert self.cast.undo(receipt.token) == expected
            self.seen[f"receipt {expected}"] += 1

    @rule(which=index, status=st.sampled_from(["open", "paid", "cancelled"]), by=hands)
    def set_status(self, which: int, status: str, by: str) -> None:
        """The user calls for another status, or a DBA writes it; of two settled ones, it is refused."""
        invoice_id, invoice = self.chosen(which)
        if invoice.set_status(self.cast.now(), status):
            self.write_status(invoice_id, status, by)
            self.seen[f"{by} sets"] += 1
        else:
            with self.cast.raises("RB409"):
                self.write_status(invoice_id, status, by)
            self.seen[f"{by} is refused"] += 1

    def write_status(self, invoice_id: int, status: str, by: str) -> None:
        """A DBA's plain UPDATE, or the user's function for this status."""
        if by == "dba":
            self.cast.update(invoice_id, status=status)
        elif status == "open":
            self.cast.api("reopen_invoice", invoice_id=invoice_id, reason=None)
        else:
            function = {"paid": "mark_invoice_paid", "cancelled": "cancel_invoice"}[status]
            self.cast.api(function, invoice_id=invoice_id)

    @rule(which=index, days=st.integers(-20, 5), by=hands)
    def move_due_date(self, which: int, days: int, by: str) -> None:
        """The due date is corrected."""
        _, invoice = self.chosen(which)
        due_on = self.cast.now().date() + timedelta(days=days)
        if due_on != invoice.due_on:
            self.correct(which, by, {"due_on": due_on.isoformat()})

    @rule(which=index, by=hands, fact=st.sampled_from(["amount_cents", "number", "issued_on"]))
    def correct_fact(self, which: int, by: str, fact: str) -> None:
        """Another fact is corrected; of these the day of issue asks nothing."""
        row = self.cast.row(self.chosen(which)[0])
        corrected = {
            "amount_cents": row["amount_cents"] + 1,
            "number": f"{row['number']}+",
            "issued_on": (row["issued_on"] - timedelta(days=1)).isoformat(),
        }
        self.correct(which, by, {fact: corrected[fact]})

    def correct(self, which: int, by: str, change: dict[str, Any]) -> None:
        """The user or a DBA changes a fact to another value; of a settled invoice, it is refused."""
        invoice_id, invoice = self.chosen(which)
        due_on = date.fromisoformat(change["due_on"]) if "due_on" in change else None
        if invoice.change(self.cast.now(), due_on=due_on, asks="issued_on" not in change):
            self.write_change(invoice_id, by, change)
            self.seen[f"{by} corrects"] += 1
        else:
            with self.cast.raises("RB409", "invoice__settled"):
                self.write_change(invoice_id, by, change)
            self.seen[f"{by} may not correct"] += 1

    def write_change(self, invoice_id: int, by: str, change: dict[str, Any]) -> None:
        """A DBA's plain UPDATE, or the user's function."""
        if by == "dba":
            self.cast.update(invoice_id, **change)
        else:
            self.cast.api("update_invoice", invoice_id=invoice_id, changes=self.cast.json(change))

    @rule(checkin_time=st.sampled_from(["00:30", "09:00", "18:30"]), zone=st.sampled_from(ZONES), by=hands)
    def move_hours(self, checkin_time: str, zone: str, by: str) -> None:
        """The organization asks at another time of day, or moves to another time zone."""
        if (checkin_time, zone) == (self.hours.checkin_time, self.hours.time_zone):
            return
        changes = {"checkin_time": checkin_time, "time_zone": zone}
        if by == "dba":
            self.cast.settings(**changes)
        else:
            self.cast.api("update_organization", changes=self.cast.json(changes))
        were = [invoice.due for invoice in self.invoices]
        self.hours.checkin_time, self.hours.time_zone = checkin_time, zone
        for invoice, was in zip(self.invoices, were, strict=True):
            invoice.move(self.cast.now(), was)
        self.tick()  # plans again what the settings before have planned
        self.seen[f"{by} moves"] += 1

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
        if self.post is not None:
            moments |= {at for at in (self.post.due, self.post.lease) if at is not None}
        ahead = sorted(
            at for moment in moments if (at := moment + timedelta(microseconds=microseconds)) > now
        )
        if ahead:
            self.cast.clock.set(ahead[which % len(ahead)])

    @rule()
    def tick(self) -> None:
        """What is due is queued, and stays so for a while."""
        self.cast.tick()
        now = self.cast.now()
        post = self.post
        if post is not None:
            post.recover(now, self.accepted)
        for invoice in self.invoices:
            invoice.expire(now)
        if (post is None or not post.is_live) and self.waiting(now):
            post = self.post = Post(now)
        if post is not None:
            post.tick(now)
        for invoice_id, invoice in zip(self.ids, self.invoices, strict=True):
            if len(self.cast.rows("checkin_task", invoice_id)) > len(invoice.questions):
                invoice.asked_before_the_letter(now)

    def waiting(self, until: datetime) -> list[Question]:
        """The questions a mail may carry that are due by then, the most overdue first."""
        found = [
            (invoice.due_on, question)
            for invoice in self.invoices
            for question in invoice.questions
            if question.status == "scheduled" and question.asked_for <= until
        ]
        return [question for _, question in sorted(found, key=lambda one: one[0])]

    @rule(fate=st.sampled_from(["accepted", "accepted", "accepted", "lost", *CLASSES]))
    def work(self, fate: Fate) -> None:
        """The worker runs: it ticks, and mails what is queued; the questions' mails have this fate."""
        self.tick()
        if self.post is not None and self.post.status == "queued":
            self.mail_questions(self.post, fate)
        self.mail_receipts()
        self.cast.clock.advance(milliseconds=1)  # a letter is before or after an answer, not with it
        for invoice_id in self.ids:
            if queued_letter(self.cast, invoice_id) is not None:
                begun = begin_letter(self.cast, invoice_id)
                if begun["skip_reason"] is None:
                    for said in begun["invoices"]:
                        invoice = self.invoices[self.ids.index(said["invoice_id"])]
                        assert invoice.may_leave(self.cast.now()), invoice.latest
                        invoice.letters_sent += 1
                    finish_letter(self.cast, begun)
                    self.accepted = self.cast.now()
                    self.seen["letter"] += 1
        self.cast.clock.advance(milliseconds=1)

    @rule(which=index, fate=st.sampled_from(["accepted", *CLASSES]))
    def report(self, which: int, fate: Fate) -> None:
        """A worker reports the fate of a mail: late, as it was given up for dead, or once more."""
        if self.attempts:
            post, carried, begun = self.attempts[-1 - which % min(len(self.attempts), 3)]
            self.seen["late report"] += fate == "accepted" and not carried[0][1].accepted
            self.end(post, carried, begun, fate)

    @rule(which=index)
    def begin_unqueued(self, which: int) -> None:
        """A job that comes too early or too late finds nothing to mail."""
        mails = self.cast.notices("questions")
        if mails and mails[-1 - which % len(mails)]["status"] != "queued":
            assert self.cast.begin_mail(mails[-1 - which % len(mails)]["mail_id"])["skip_reason"] is not None
            self.seen["nothing to mail"] += 1

    @rule()
    def until_all_is_mailed(self) -> None:
        """A worker without accidents mails every live question, though the jobs so far are lost."""
        for _ in range(8):
            latest = [invoice.latest for invoice in self.invoices]
            unsent = [question for question in latest if question.status in UNSENT]
            if not unsent:
                return
            moments = [question.asked_for for question in unsent]
            if self.post is not None and self.post.is_live:
                moments.append(self.post.lease or self.post.due)
            self.cast.clock.wait_until(max(moments))
            self.work("accepted")
        raise AssertionError([question.facts() for question in unsent])

    @rule(which=index)
    def until_a_letter(self, which: int) -> None:
        """Nothing happens until the relance ahead is due; then the worker runs."""
        invoice_id, _ = self.chosen(which)
        due_at = self.cast.relance(invoice_id)["next_look_at"]
        if due_at is not None:
            self.cast.clock.set(max(self.cast.now(), due_at))
            self.work("accepted")

    @rule(
        which=index,
        answer=answers,
        via=st.sampled_from(["link", "page"]),
        then=st.sampled_from(AFTERWARDS),
    )
    def asked_and_answered(self, which: int, answer: Answer, via: str, then: str) -> None:
        """What mostly happens: a question by mail and its answer; then its receipt, or another act."""
        self.set_status(which, "open", "user")
        self.ask_again(which)
        self.work("accepted")
        self.click(0, answer) if via == "link" else self.press(0, answer)
        if then == "receipt":
            self.cast.clock.advance(minutes=1)
            self.work("accepted")
        elif then == "scanner":
            self.click_both(0, answer)
        elif then == "change":
            self.press(0, "pending" if answer == "paid" else "paid")
        elif then == "undo":
            self.undo(0)

    @rule(which=index, via=st.sampled_from(["link", "page"]))
    def paid_and_taken_back(self, which: int, via: str) -> None:
        """A question by mail, answered paid; the user reads the receipt and takes the answer back."""
        self.asked_and_answered(which, "paid", via, "receipt")
        self.undo_by_receipt(0)

    @rule(which=index, hours=st.integers(24, 26), ticked=st.booleans(), by_link=st.booleans())
    def answered_too_late(self, which: int, hours: int, *, ticked: bool, by_link: bool) -> None:
        """A question by mail; a day later its link says that it is paid."""
        self.set_status(which, "open", "user")
        self.ask_again(which)
        self.work("accepted")
        self.cast.clock.advance(hours=hours)
        if ticked:
            self.tick()
        self.click(0, "paid") if by_link else self.press(0, "paid")

    @rule(which=index, answer=answers)
    def said_too_late_and_decided(self, which: int, answer: Answer) -> None:
        """The same; a second later a button of its page decides."""
        self.answered_too_late(which, 25, ticked=True, by_link=True)
        self.cast.clock.advance(seconds=1)
        self.press(0, answer)

    @rule(which=index, fate=st.sampled_from(["refused", "lost", "unknown", "temporary", "operator"]))
    def asked_in_vain(self, which: int, fate: Fate) -> None:
        """A question whose mail fails or is lost."""
        self.set_status(which, "open", "user")
        self.ask_again(which)
        self.work(fate)

    @rule(which=index, fate=st.sampled_from(["refused", "refused", "lost", "unknown"]), answer=answers)
    def arrived_all_the_same(self, which: int, fate: Fate, answer: Answer) -> None:
        """A mail that failed or was lost is read, and answers."""
        self.asked_in_vain(which, fate)
        self.click(0, answer)

    @rule(which=index, fate=st.sampled_from(["lost", "unknown"]), ticked=st.booleans())
    def accepted_after_all(self, which: int, fate: Fate, *, ticked: bool) -> None:
        """A worker that was given up for dead comes back: its mail was accepted."""
        self.asked_in_vain(which, fate)
        self.cast.clock.advance(minutes=3)
        if ticked:
            self.tick()
        self.report(0, "accepted")

    @rule(which=index, status=st.sampled_from(["paid", "cancelled"]), by=hands)
    def settled_twice(self, which: int, status: str, by: str) -> None:
        """A settled invoice is not settled otherwise, and its facts stay."""
        self.set_status(which, "open", by)
        self.set_status(which, status, by)
        self.set_status(which, "cancelled" if status == "paid" else "paid", by)
        self.correct_fact(which, by, "amount_cents")

    @invariant()
    def they_agree(self) -> None:
        """Invoice, who settled it, its events, every question and its mails, rubis, relance, receipts."""
        for invoice_id, invoice in zip(self.ids, self.invoices, strict=True):
            row = self.cast.row(invoice_id)
            settled = (row["paid_via"], row["paid_at"]) if row["status"] == "paid" else None
            assert (row["status"], settled) == (invoice.status, invoice.settled)
            told = [kind for kind in self.cast.kinds(invoice_id) if kind.startswith("invoice_")]
            assert told == invoice.told
            mails = self.cast.mails(invoice_id)
            asked = [recorded(task, mails) for task in self.cast.rows("checkin_task", invoice_id)]
            assert asked == [question.facts() for question in invoice.questions]
            rubis = sum(entry["delta"] for entry in self.cast.rows("rubis_entry", invoice_id))
            assert rubis == (invoice.status == "paid")
            ahead = [r for r in self.cast.rows("relance", invoice_id) if r["status"] in AHEAD]
            assert len(ahead) == (invoice.status == "open" and invoice.letters_sent < self.steps)
            scheduled = [r["scheduled_at"] for r in ahead if r["status"] == "scheduled"]
            assert all(at >= invoice.latest.asked_for + ALMOST_A_DAY for at in scheduled)
            decision = "select rubis.said_paid(i) from rubis.invoice as i where invoice_id = %s"
            assert self.cast.session.value(decision, [invoice_id]) is invoice.undecided()
            self.seen["warned"] += len(invoice.warned)
            confirmed = [mail["token_hash"] for mail in self.cast.receipts(invoice_id)]
            assert confirmed == [receipt.token for receipt in invoice.receipts]
        warned = sum(len(invoice.warned) for invoice in self.invoices)
        assert len(self.cast.notices("said_paid")) == warned
        assert len(self.cast.notices("click_mode_advice")) == self.advised
        mails = self.cast.notices("questions")
        assert [posted(mail) for mail in mails[-1:]] == ([self.post.facts()] if self.post else [])

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

    def mail_questions(self, post: Post, fate: Fate) -> None:
        """Begin the mail: it takes what is due; it has this fate, or is lost with its worker."""
        now = self.cast.now()
        begun = self.cast.begin_mail(self.cast.notices("questions")[-1]["mail_id"])
        tokens = {item["invoice_id"]: begun["tokens"][item["position"]] for item in begun.get("items") or []}
        carried = self.waiting(now + 2 * MINUTE)
        ids = [self.ids[n] for q in carried for n, i in enumerate(self.invoices) if q in i.questions]
        assert sorted(tokens) == sorted(ids)
        due = {i: invoice.due_on for i, invoice in zip(self.ids, self.invoices, strict=True)}
        assert [due[invoice_id] for invoice_id in tokens] == [due[invoice_id] for invoice_id in ids]
        assert (begun["skip_reason"] is None) is bool(carried)
        letters = post.begin(now, [(q, tokens[i]) for q, i in zip(carried, ids, strict=True)])
        if letters:
            self.attempts.append((post, letters, begun))
            self.seen[f"mail {fate}"] += 1
            self.seen["two questions"] += len(letters) == 2
            self.end(post, letters, begun, fate)

    def end(self, post: Post, carried: list[tuple[Question, Letter]], begun: DictRow, fate: Fate) -> None:
        """Report the fate of an attempt; a worker that died reports none."""
        if fate == "accepted":
            self.cast.finish(begun)
            self.accepted = self.cast.now()
            post.accept(self.accepted, carried)
        elif fate != "lost":
            self.cast.fail(begun, fate)
            post.fail(self.cast.now(), carried, fate, self.accepted)

    def mail_receipts(self) -> None:
        """Begin the mail of receipts: it confirms the answers whose receipts are due soon, once one is."""
        now = self.cast.now()
        due = {
            invoice_id: (invoice, question)
            for invoice_id, invoice in zip(self.ids, self.invoices, strict=True)
            for question in invoice.questions
            if question.receipt is not None and question.receipt <= now + 10 * MINUTE
        }
        queued = [mail for mail in self.cast.notices("receipts") if mail["status"] == "queued"]
        assert len(queued) == 1 or not [q for _, q in due.values() if q.receipt and q.receipt <= now]
        for mail in queued:
            begun = self.cast.begin_mail(mail["mail_id"])
            assert {item["invoice_id"] for item in begun.get("items") or []} == set(due)
            if begun["skip_reason"] is None:
                self.cast.finish(begun)
                self.accepted = now
                self.seen["two receipts"] += len(due) == 2
            for item in begun.get("items") or []:
                invoice, question = due[item["invoice_id"]]
                assert question.at is not None
                invoice.receipts.append(Receipt(question, question.at, begun["tokens"][item["position"]]))
                question.receipt = None


def recorded(task: DictRow, mails: list[DictRow]) -> dict[str, object]:
    """What the database says of a question, as `Question.facts` does."""
    return {
        "status": task["status"],
        "answer": {"paid": "paid", "still_pending": "pending", None: None}[task["answer"]],
        "via": task["answered_via"],
        "at": task["answered_at"],
        "mistrusted": (task["contradicted_at"] or task["undone_at"]) is not None,
        "contradicted": task["contradicted_at"] is not None,
        "asked_for": task["scheduled_at"],
        "expires": task["expires_at"],
        "receipt": task["receipt_at"],
        "attempts": len([mail for mail in mails if mail["checkin_task_id"] == task["checkin_task_id"]]),
    }


def posted(mail: DictRow) -> dict[str, object]:
    """What the database says of a mail, as `Post.facts` does."""
    return {
        "status": mail["status"],
        "due": mail["next_attempt_at"],
        "lease": mail["lease_expires_at"],
        "attempts": mail["attempts"],
    }


def test_the_database_does_what_the_model_says(cast: Cast) -> None:
    """The rules above in any order: both agree after each, and at the end no audit rule is broken."""
    seen: Counter[str] = Counter()
    play(Machine, seed=4, steps=1600, min_steps=15, cast=cast, seen=seen)
    assert {what for what in WANTED if not seen[what]} == set(), f"not seen: {seen}"


def test_what_a_click_means_does_not_hang_on_how_many_are_kept(cast: Cast) -> None:
    """The same model holds when of the clicks that change nothing only the first of a kind is kept."""
    function = "rubis.record_click(bigint, bigint, smallint, smallint, text, text, text, text)"
    kept = cast.session.value("select pg_get_functiondef(%s::regprocedure)", [function])
    assert "20 <=" in kept
    with cast.session.acting_as("rubis_owner"):
        cast.session.execute(kept.replace("20 <=", "1 <="))
    play(Machine, seed=5, steps=600, min_steps=15, cast=cast, seen=Counter())
