"""Whatever happens, in any order, no letter leaves that must not, and none that may is forgotten.

A Hypothesis state machine over the real database (`tests.support.machine`): each rule acts as the real role.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from psycopg.rows import DictRow

from tests.db.relance.machine_foresight import Foresight
from tests.db.relance.machine_oracle import broken, may_leave, prepare, together, unforgotten, waiting
from tests.db.relance.word_model import WordModel
from tests.support import letters
from tests.support.cast import Cast
from tests.support.letters import (
    calendar,
    confirm_letter,
    confirm_or_resend,
    fail_letter,
    finish_letter,
    mail_users,
)
from tests.support.machine import play

REFUSALS = {
    *("invoice__settled", "invoice__cancelled", "invoice__paid", "checkin_task__ended"),
    *("relance__not_unconfirmed", "relance__overtaken", "client__name_email"),
}
"""What a step may hear instead of having its way."""

STARTS = [0, 5, 20, 232, 296]
"""Days after 2 March 2026: clocks change in America on 8 March, in Europe on 29 March and 25 October."""

ZONES = ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"]
OWNERS = ["one@moved.test", "ONE@moved.test", "two@moved.test"]
COUNTRIES = ["FR", "SA"]
SPACINGS = [0, 2, 2, 5]
HOURS = ["00:00", "02:30", "10:00", "23:59"]
CLASSES = ["temporary", "refused", "operator", "unknown"]
FATES = ["accepted", "dies", "dies early", *CLASSES]
WANTED = [
    *(*FATES, "asked elsewhere", "doubted", "old", "mended", "joined", "last word leaves"),
    *("last word withdraws", "too near another letter", "a formal notice alone"),
]
"""What became of letters, and why letters did not leave: a run of `make test` has all of these."""
TONES = ["courteous", "firm", "formal_notice"]
WAITS = [1 / 60, 1, 5, 25, 73, 200]
DAYS = st.lists(st.integers(1, 60), min_size=1, max_size=4, unique=True)
index = st.integers(0, 7)


class Machine(RuleBasedStateMachine):
    """One organization, its user, its worker, its clients."""

    cast: Cast
    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.scene = self.cast.session.connection.transaction(force_rollback=True)
        self.scene.__enter__()
        self.invoices: list[int] = []
        self.mails: list[tuple[bytes, DictRow]] = []
        self.letters: list[DictRow] = []
        self.word = WordModel(self.cast)
        self.mends, self.mending = True, False

    def teardown(self) -> None:
        """Once all is well again, every letter that may leave does; then nothing has happened."""
        try:
            if self.mends and self.invoices and not self.failed_already():
                self.mending = True
                self.mend_and_run_on()
        finally:
            self.scene.__exit__(None, None, None)

    def failed_already(self) -> bool:
        """Whether the transaction is in error, so that nothing more can be asked."""
        status = self.cast.session.connection.info.transaction_status
        return status == psycopg.pq.TransactionStatus.INERROR

    def attempt(self, step: Callable[[], Any]) -> Any:
        """Do it, in a savepoint; it may be refused, for a reason that is known."""
        try:
            with self.cast.session.connection.transaction():
                return step()
        except psycopg.Error as error:
            if error.sqlstate != "RB409" or error.diag.constraint_name not in REFUSALS:
                raise
            return None

    def user(self, function: str, which: int, **params: Any) -> Any:
        """Call an api function about one of the invoices."""
        invoice_id = self.invoices[which % len(self.invoices)]
        return self.attempt(partial(self.cast.api, function, invoice_id=invoice_id, **params))

    def today(self) -> Any:
        """The day it is in UTC; the organization's may be the next or the one before."""
        return self.cast.now().date()

    @initialize(
        start=st.sampled_from(STARTS),
        dues=st.lists(st.integers(-20, 5), min_size=1, max_size=3),
        proven=st.integers(0, 9),
        spacing=st.sampled_from(SPACINGS),
        mends=st.booleans(),
    )
    def first_invoices(self, start: int, dues: list[int], proven: int, spacing: int, *, mends: bool) -> None:
        """There is always one, often another of the same client; most users have proven their address."""
        self.mends = mends
        self.cast.clock.advance(days=start)
        self.change_spacing(spacing)
        for due in dues:
            self.create(due, client=0)
        if proven:
            letters.proven(self.cast)

    @rule(due=st.integers(-60, 12), client=st.integers(0, 1))
    def create(self, due: int, client: int) -> None:
        """Issue an invoice, due some days ago or ahead."""
        if len(self.invoices) < 4:
            day = self.today() + timedelta(days=due)
            facts = {"client_name": f"Client {client}", "client_email": f"{client}@clients.test"}
            self.invoices.append(self.cast.invoice(issued_on=min(day, self.today()), due_on=day, **facts))

    @rule(which=index, function=st.sampled_from(["mark_invoice_paid", "cancel_invoice", "ask_checkin_again"]))
    def settle_or_ask(self, which: int, function: str) -> None:
        """Pay, cancel, ask again."""
        self.user(function, which)

    @rule(which=index)
    def reopen(self, which: int) -> None:
        """It was a mistake."""
        self.user("reopen_invoice", which, reason="by mistake")

    @rule(which=index, days=st.integers(1, 9))
    def pause(self, which: int, days: int) -> None:
        """A promise of payment."""
        self.user("pause_invoice", which, until=self.today() + timedelta(days=days), reason="promised")

    @rule(which=index)
    def resume(self, which: int) -> None:
        """No promise any more."""
        self.user("resume_invoice", which)

    @rule(which=index, days=st.integers(1, 9), on=st.booleans())
    def pause_client(self, which: int, days: int, *, on: bool) -> None:
        """Or resume it."""
        client_id = self.cast.row(self.invoices[which % len(self.invoices)])["client_id"]
        if on:
            until = self.today() + timedelta(days=days)
            self.cast.api("pause_client", client_id=client_id, until=until, reason="promised")
        else:
            self.cast.api("resume_client", client_id=client_id)

    @rule(
        which=index,
        change=st.sampled_from(
            [{"relances_off": True}, {"relances_off": False}, {"email": None}, {"email": "new@clients.test"}]
        ),
    )
    def change_client(self, which: int, change: dict[str, Any]) -> None:
        """Exclude it, or not; take its address away, or give it another."""
        client_id = self.cast.row(self.invoices[which % len(self.invoices)])["client_id"]
        changes = self.cast.json(change)
        self.attempt(partial(self.cast.api, "update_client", client_id=client_id, changes=changes))

    @rule(email=st.sampled_from(OWNERS))
    def move_owner(self, email: str) -> None:
        """A DBA gives the user another address."""
        self.cast.dba(
            "update rubis.app_user set email = %s where user_id = %s and email <> %s",
            *(email, self.cast.user_id, email),
        )

    @rule(which=index, other=index)
    def replace_client(self, which: int, other: int) -> None:
        """The invoice is another client's."""
        client_id = self.cast.row(self.invoices[other % len(self.invoices)])["client_id"]
        self.user("update_invoice", which, changes=self.cast.json({"client_id": client_id}))

    @rule(which=index, cents=st.sampled_from([100, 200]))
    def correct_amount(self, which: int, cents: int) -> None:
        """Another amount, or the same again."""
        self.user("update_invoice", which, changes=self.cast.json({"amount_cents": cents}))

    @rule(which=index, off=st.booleans())
    def exclude(self, which: int, *, off: bool) -> None:
        """An invoice is never to be reminded of, or is."""
        self.user("update_invoice", which, changes=self.cast.json({"relances_off": off}))

    @rule(which=index, days=st.integers(-9, 9))
    def move_due_date(self, which: int, days: int) -> None:
        """Correct the due date."""
        due_on = self.today() + timedelta(days=days)
        issued_on = min(due_on, self.today())
        changes = {"issued_on": issued_on.isoformat(), "due_on": due_on.isoformat()}
        self.user("update_invoice", which, changes=self.cast.json(changes))

    @rule(days=st.just([]) | DAYS | DAYS | DAYS)
    def change_plan(self, days: list[int]) -> None:
        """Any steps, even none."""
        steps = [{"days_after_due": day, "tone": TONES[n % 3]} for n, day in enumerate(sorted(days))]
        self.cast.api("put_relance_plan", relance_plan_id=None, name=None, steps=self.cast.json(steps))

    @rule(zone=st.sampled_from(ZONES), asks=st.sampled_from(HOURS), writes=st.sampled_from(HOURS))
    def change_zone(self, zone: str, asks: str, writes: str) -> None:
        """The organization moves, and works at other hours."""
        changes = {"time_zone": zone, "checkin_time": asks, "relance_time": writes}
        self.cast.api("update_organization", changes=self.cast.json(changes))

    @rule(country=st.sampled_from(COUNTRIES))
    def change_country(self, country: str) -> None:
        """Other holidays and another weekend."""
        self.cast.api("update_organization", changes=self.cast.json({"country": country}))

    @rule(days=st.integers(2, 60))
    def change_validity(self, days: int) -> None:
        """A question counts longer, or less long."""
        changes = {"question_valid_days": days}
        self.cast.api("update_organization", changes=self.cast.json(changes))

    @rule(days=st.sampled_from(SPACINGS))
    def change_spacing(self, days: int) -> None:
        """More days, or fewer, between two letters to one address."""
        changes = {"client_spacing_days": days}
        self.cast.api("update_organization", changes=self.cast.json(changes))

    @rule(which=index, answer=st.sampled_from(["paid", "pending", "pending"]))
    def click(self, which: int, answer: str) -> None:
        """Any link ever mailed."""
        if self.mails:
            token, _ = self.mails[which % len(self.mails)]
            self.word.clicked(token, self.cast.click(token, answer))

    @rule(which=index, button=st.sampled_from(["paid", "pending", None]))
    def press(self, which: int, button: str | None) -> None:
        """A button of its page; None takes the answer back."""
        if self.mails:
            token, _ = self.mails[which % len(self.mails)]
            outcome = self.cast.undo(token) if button is None else self.cast.press(token, button)
            self.word.clicked(token, outcome)

    @rule(which=index, answer=st.sampled_from(["paid", "pending", "pending"]))
    def answer_in_app(self, which: int, answer: str) -> None:
        """The same question."""
        self.user("answer_invoice_checkin", which, answer=answer)

    @rule(hours=st.sampled_from(WAITS))
    def time_passes(self, hours: float) -> None:
        """Hours to days."""
        self.cast.clock.advance(hours=hours)

    @rule()
    def tick(self) -> None:
        """One turn of a worker's clock: what is due is queued, and stays so for a while."""
        self.turn()

    def turn(self) -> DictRow:
        """The same; returns what moved. What persons did before has been observed."""
        moved = self.cast.tick()
        self.word.observe(automatic=True)
        return moved

    @rule(which=index)
    def until_queued(self, which: int) -> None:
        """And somebody does something before the worker begins."""
        self.until_due(which, "queued")

    @rule(which=index, fate=st.sampled_from(["dies", "unknown", "refused", "temporary"]))
    def until_it_fails(self, which: int, fate: str) -> None:
        """What is the hardest to get right, twice as often."""
        self.until_due(which, fate)

    @rule(which=index, doubt=st.sampled_from(["owner", "pause", "facts", "reopened", "validity"]), n=index)
    def until_doubted(self, which: int, doubt: str, n: int) -> None:
        """The relance's day comes, and just before the letter the word becomes doubtful."""
        self.until_due(which, "queued", silent=n % 4 > 0)
        self.doubt(which, doubt, n)
        self.begin_letters("accepted")

    @rule(which=index, doubt=st.sampled_from(["owner", "pause", "facts", "reopened", "validity"]), n=index)
    def until_doubted_in_hand(self, which: int, doubt: str, n: int) -> None:
        """The same just before the last word on it."""
        self.until_due(which, "dies early", silent=n % 4 > 0)
        self.doubt(which, doubt, n)
        self.last_word(0, "accepted")

    @rule(which=index, doubt=st.sampled_from(["pause", "facts", "reopened"]), n=index)
    def until_doubted_in_hand_again(self, which: int, doubt: str, n: int) -> None:
        """The same, twice as often."""
        self.until_doubted_in_hand(which, doubt, n)

    def doubt(self, which: int, doubt: str, n: int) -> None:
        """Make the word of an invoice doubtful."""
        match doubt:
            case "owner":
                self.move_owner(OWNERS[n % len(OWNERS)])
            case "pause":
                self.pause(which, n + 1)
                self.word.observe()
                self.resume(which)
            case "facts":
                self.correct_amount(which, 300 + n)
            case "reopened":
                self.settle_or_ask(which, "mark_invoice_paid")
                self.word.observe()
                self.reopen(which)
            case "validity":
                self.change_validity(2)
        self.word.observe()

    @rule(which=index, fate=st.sampled_from(FATES), silent=st.booleans())
    def until_due(self, which: int, fate: str, *, silent: bool = False) -> None:
        """The user says pending, or nothing; nothing else happens, and the relance's day comes."""
        if not silent:
            self.user("answer_invoice_checkin", which, answer="pending")
        self.word.observe()
        for _ in range(25):
            ahead = letters.ahead(self.cast, self.invoices[which % len(self.invoices)])
            if not ahead or ahead["hold_reason"] not in (None, "owner_being_asked"):
                break
            if ahead["status"] not in ("scheduled", "held"):
                break
            self.turn()
            if letters.is_leaving(self.cast, ahead["invoice_id"]):
                break
            # The worker sends all else, or its leases would be all that is due.
            mail_users(self.cast)
            self.begin_letters("accepted")
            self.pass_on()
            self.mail_check_ins("accepted")
        if fate != "queued":
            self.begin_letters(fate)

    @rule(fate=st.sampled_from(FATES))
    def begin_what_is_queued(self, fate: str) -> None:
        """Whatever happened since the tick."""
        self.begin_letters(fate)

    @rule(fate=st.sampled_from(["accepted", "accepted", "dies", *CLASSES]))
    def mail_check_ins(self, fate: str) -> None:
        """The worker runs: whatever is queued is mailed, with this fate."""
        self.turn()
        for mail in self.queued("questions"):
            begun = self.cast.begin_mail(mail["mail_id"])
            if begun["skip_reason"] is None:
                self.word.mailed(begun)
                self.mails += [(token, begun) for token in begun["tokens"].values()]
                self.end_check_in(begun, fate)

    def end_check_in(self, begun: DictRow, fate: str) -> None:
        """Report how a mail of questions ended."""
        self.end(begun, fate, self.cast.finish, self.cast.fail)
        if fate != "dies":
            for token in begun["tokens"].values():
                self.word.reported(token, fate)

    @rule(fate=st.sampled_from(["accepted", "accepted", "accepted", "dies", *CLASSES]))
    def mail_letters(self, fate: str) -> None:
        """The same with letters; each must be one that may leave."""
        self.turn()
        self.begin_letters(fate)

    def begin_letters(self, fate: str) -> None:
        """Begin every queued letter: it carries what may leave at this moment, all of it and no more.

        A relance that is to be planned again first may leave or not.
        """
        for mail in self.queued("letter"):
            due = waiting(self.cast, mail["mail_id"])
            ready = [relance for relance in due if not self.reasons(relance)]
            begun = self.cast.begin_mail(mail["mail_id"])
            self.word.observe(automatic=True)
            carried = [item["relance_id"] for item in begun.get("invoices", [])]
            told = (begun, due, [self.reasons(relance) for relance in due])
            if any(relance["outdated"] for relance in due):
                assert {relance["relance_id"] for relance in ready} >= set(carried), told
            else:
                assert [relance["relance_id"] for relance in together(ready)] == carried, told
            assert (begun["skip_reason"] is None) == (carried != []), told
            if carried:
                self.seen["mended" if self.mending else fate] += 1
                self.seen["joined"] += len(carried) > 1
                self.seen["a formal notice alone"] += len(carried) < len(ready)
                self.letters.append(begun)
                self.cast.clock.advance(milliseconds=1)
                if fate != "dies early":
                    self.give_last_word(begun, fate)

    def reasons(self, relance: DictRow, in_hand: int | None = None) -> list[str]:
        """Why a relance must not leave now."""
        reasons = may_leave(self.cast, relance["relance_id"], in_hand)
        reasons += self.word.stale(relance["invoice_id"])
        self.seen.update(reasons)
        return reasons

    def give_last_word(self, begun: DictRow, fate: str) -> None:
        """Ask for the last word: what it leaves in the letter may leave now. Then the letter ends so."""
        items = begun["invoices"]
        ready = {item["relance_id"] for item in items if not self.reasons(item, begun["mail_id"])}
        confirmed = confirm_letter(self.cast, begun)
        left = {item["relance_id"] for item in confirmed.get("letter", {"invoices": []})["invoices"]}
        assert left <= ready, (begun, confirmed, ready)
        if left:
            begun["may_have_left"] = True
            self.seen["last word leaves"] += 1
            self.end(begun, fate, partial(finish_letter, self.cast), partial(fail_letter, self.cast))
        elif not confirmed["skip_reason"].startswith("mail is"):
            self.seen["last word withdraws"] += 1
            fail_letter(self.cast, begun, "withdrawn")

    @rule(which=index, fate=st.sampled_from(["accepted", "accepted", "dies", *CLASSES]))
    def last_word(self, which: int, fate: str) -> None:
        """The server of a letter in hand is ready at last, whatever happened meanwhile."""
        begun = [letter for letter in self.letters if "may_have_left" not in letter]
        if begun:
            self.give_last_word(begun[-1 - which % min(len(begun), 3)], fate)

    @rule(which=index, fate=st.sampled_from(["accepted", *CLASSES]))
    def late_report(self, which: int, fate: str) -> None:
        """A worker given up for dead comes back, or one repeats itself."""
        handed_over = [letter for letter in self.letters if "may_have_left" in letter]
        if handed_over:
            begun = handed_over[-1 - which % min(len(handed_over), 3)]
            self.end(begun, fate, partial(finish_letter, self.cast), partial(fail_letter, self.cast))

    @rule(which=index, fate=st.sampled_from(["accepted", *CLASSES]))
    def late_report_of_check_in(self, which: int, fate: str) -> None:
        """The same with a mail of questions."""
        if self.mails:
            self.end_check_in(self.mails[-1 - which % min(len(self.mails), 3)][1], fate)

    @rule(which=index, resend=st.booleans())
    def decide(self, which: int, *, resend: bool) -> None:
        """The user decides about an unconfirmed or failed one."""
        found = self.relances("unconfirmed", "failed")
        if found:
            relance = found[which % len(found)]
            self.attempt(partial(confirm_or_resend, self.cast, relance["relance_id"], resend=resend))

    @invariant()
    def the_books_are_right(self) -> None:
        """See machine_oracle. No two steps at one instant: the views tell before from after by the clock."""
        self.word.observe()
        self.cast.clock.advance(milliseconds=1)
        assert not (found := broken(self.cast)), str(found)

    def relances(self, *statuses: str) -> list[DictRow]:
        """The organization's relances in one of these."""
        return self.cast.session.rows(
            "select * from rubis.relance where organization_id = %s and status = any (%s)"
            " order by relance_id",
            [self.cast.organization_id, list(statuses)],
        )

    def queued(self, kind: str) -> list[DictRow]:
        """The organization's queued mails of a kind."""
        return self.cast.session.rows(
            "select * from rubis.mail where organization_id = %s and kind = %s and status = 'queued'"
            " order by mail_id",
            [self.cast.organization_id, kind],
        )

    def end(self, begun: DictRow, fate: str, finish: Callable[..., Any], fail: Callable[..., Any]) -> None:
        """Report a moment later how an attempt ended; a worker that died reports nothing."""
        self.cast.clock.advance(milliseconds=1)
        if fate == "accepted":
            finish(begun)
        elif fate != "dies":
            fail(begun, fate)

    def pass_on(self) -> bool:
        """Move the clock to what is due next; false if nothing is."""
        due_in = self.cast.due_in()
        self.cast.clock.advance(seconds=max(due_in or 0.0, 0.001))
        return due_in is not None

    def mend_and_run_on(self) -> None:
        """Everybody does what is theirs to do: then each open invoice gets all the letters of its plan."""
        for client_id in {self.cast.row(invoice_id)["client_id"] for invoice_id in self.invoices}:
            self.cast.api("resume_client", client_id=client_id)
            changes = {"email": f"{client_id}@mended.test", "relances_off": False}
            self.cast.api("update_client", client_id=client_id, changes=self.cast.json(changes))
        self.the_books_are_right()
        for which, invoice_id in enumerate(self.invoices):
            self.user("resume_invoice", which)
            self.exclude(which, off=False)
            if self.cast.task(invoice_id)["status"] in ("failed", "cancelled"):
                self.user("ask_checkin_again", which)
            self.the_books_are_right()
            if self.cast.row(invoice_id)["said_paid_at"] is not None:
                self.user("answer_invoice_checkin", which, answer="pending")
        self.the_books_are_right()
        for relance in self.relances("unconfirmed", "failed"):
            self.attempt(partial(confirm_or_resend, self.cast, relance["relance_id"], resend=True))
        self.cast.dba("update rubis.app_user set email_proven_at = rubis.clock(), release_due = true")
        self.word.observe()
        foresight = None
        for _ in range(400):
            self.turn()
            self.mail_check_ins("accepted")
            self.begin_letters("accepted")
            mail_users(self.cast)
            for relance in self.relances("unconfirmed"):
                confirm_or_resend(self.cast, relance["relance_id"], resend=False)
            assert not (found := broken(self.cast)), str(found)
            foresight = foresight or Foresight(self.cast, self.word, self.invoices)
            if not self.pass_on() and not self.relances("scheduled", "sending", "unconfirmed"):
                break
        assert not (found := unforgotten(self.cast)), str(found)
        assert foresight is not None
        foresight.compare()


def test_no_letter_leaves_that_must_not(cast: Cast) -> None:
    """The rules above in any order, their invariants after each; at the end all that may leave has left."""
    seen: Counter[str] = Counter()
    for country in COUNTRIES:
        calendar(cast, country)
    prepare(cast)
    play(Machine, seed=6, steps=2000, min_steps=12, cast=cast, seen=seen)
    assert {what for what in WANTED if not seen[what]} == set(), f"not seen: {seen}"
    assert sum(seen[fate] for fate in FATES) >= 10, f"too few letters were begun to prove anything: {seen}"
