"""What clicks, buttons, undos, time and the user's own acts should lead to, said without the database.

A small model: invoices, the questions asked about them, the mails of each, the receipts of answers.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Answer = Literal["paid", "pending"]

PARIS = ZoneInfo("Europe/Paris")
WINDOW = timedelta(seconds=60)
LINK = timedelta(hours=24)
UNDO = timedelta(days=14)
MINUTE = timedelta(minutes=1)
LIVE = ("scheduled", "queued", "sent")


@dataclass(eq=False)
class Letter:
    """A mail that asked a question: its links are alive for 24 h, and used once one of them counted."""

    token: bytes
    at: datetime
    used: bool = False


@dataclass(eq=False)
class Question:
    """One check-in."""

    due: datetime
    follows: "Question | None" = None
    status: str = "scheduled"
    mails: list[Letter] = field(default_factory=list)
    answer: Answer | None = None
    via: str | None = None
    at: datetime | None = None
    mistrusted: bool = False
    contradicted: bool = False
    expires: datetime | None = None

    def facts(self) -> tuple[object, ...]:
        """What the database must say of it."""
        return (self.status, self.answer, self.via, self.at, self.mistrusted, self.contradicted)


@dataclass(eq=False)
class Receipt:
    """The mail that confirms an answer of paid."""

    question: Question
    at: datetime
    leaves: datetime
    status: str = "scheduled"
    token: bytes | None = None


@dataclass(eq=False)
class Invoice:
    """An invoice, what was asked about it, and which answer or hand settled it."""

    number: int
    due_on: date
    status: str = "open"
    settled: tuple[str, datetime | None] | None = None
    questions: list[Question] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    letters_sent: int = 0
    doubted: datetime | None = None

    @property
    def due(self) -> datetime:
        """The moment it is asked about: 09:00 in Paris on its due date."""
        return datetime.combine(self.due_on, time(9), PARIS)

    @property
    def latest(self) -> Question:
        """The question asked last."""
        return self.questions[-1]

    def issue(self, now: datetime) -> None:
        """It is issued: one question waits."""
        self.ask(self.due if self.due > now else now + MINUTE)

    def ask(self, at: datetime, follows: Question | None = None) -> None:
        """One question takes the place of the one that is live."""
        for question in self.questions:
            if question.status in LIVE:
                question.status = "cancelled"
        self.questions.append(Question(at, follows))

    def settle(self, status: str, by: tuple[str, datetime | None] | None) -> None:
        """It is paid or cancelled: what is live ends."""
        self.status, self.settled = status, by
        for question in self.questions:
            if question.status in LIVE:
                question.status = "cancelled"

    def reopen(self, now: datetime) -> None:
        """Asked again, unless it is being asked."""
        self.status, self.settled, self.doubted = "open", None, now
        if self.latest.status not in LIVE:
            self.issue(now)

    def record(self, now: datetime, question: Question, answer: Answer, via: str) -> None:
        """The answer counts."""
        question.status, question.answer, question.via, question.at = "answered", answer, via, now
        if answer == "paid":
            self.settle("paid", ("app" if via == "app" else "check-in", now))
            if via != "app":
                self.receipts.append(Receipt(question, now, now + (WINDOW if via == "link" else timedelta())))
        else:
            self.end_early(now, question)

    def end_early(self, now: datetime, question: Question) -> None:
        """Answered pending or expired before the due date: that day asks all the same."""
        if self.status == "open" and self.due_on > now.astimezone(PARIS).date():
            self.ask(self.due, question)

    def standing(self, now: datetime, question: Question, mail: Letter) -> str:
        """Whether a link of this mail finds the question open."""
        if question.status == "answered" or self.status != "open":
            return "already_answered"
        over = question.status in ("cancelled", "expired") or question is not self.latest
        return "expired" if over or now >= mail.at + LINK else "open"

    def stands(self, now: datetime, question: Question) -> bool:
        """Whether its answer is in force, all being as it left it."""
        if question.status != "answered" or question.via == "app" or question.at is None:
            return False
        if now >= question.at + UNDO:
            return False
        in_force = (
            self.settled == ("check-in", question.at) if question.answer == "paid" else self.status == "open"
        )
        later = self.questions[self.questions.index(question) + 1 :]
        return in_force and all(self.untouched(other, question) for other in later)

    @staticmethod
    def untouched(other: Question, question: Question) -> bool:
        """A question that followed of itself and was never mailed."""
        return other.follows is question and other.status == "scheduled" and not other.mails

    def take_back(self, now: datetime, question: Question) -> None:
        """All that the answer did is undone, and only that."""
        self.doubted = now
        if question.answer == "paid":
            self.status, self.settled = "open", None
        self.questions = [other for other in self.questions if other.follows is not question]
        for receipt in self.receipts:
            if receipt.question is question and receipt.status in ("scheduled", "queued"):
                receipt.status = "cancelled"
        question.status, question.answer, question.via, question.at = "sent", None, None, None
        question.expires = question.expires or max(mail.at for mail in question.mails) + LINK
        question.mistrusted = True

    def click(self, now: datetime, question: Question, mail: Letter, answer: Answer) -> str:
        """A link."""
        if question.mistrusted:
            return "confirm"
        standing = self.standing(now, question, mail)
        if standing == "open":
            self.record(now, question, answer, "link")
            mail.used = True
            return answer
        if standing == "expired":
            self.late(now, answer)
            return "expired"
        at_once = question.via == "link" and question.at is not None and now < question.at + WINDOW
        if at_once and question.answer != answer and self.stands(now, question):
            self.take_back(now, question)
            question.contradicted = True
            return "confirm"
        mail.used = True
        return "already_answered"

    def press(self, now: datetime, question: Question, mail: Letter, answer: Answer) -> str:
        """A button of an answer."""
        standing = self.standing(now, question, mail)
        if standing == "already_answered" and question.answer != answer and self.stands(now, question):
            self.take_back(now, question)
            standing = "open"
        elif standing == "already_answered" and question.answer == answer and question.via == "link":
            question.via = "page"
        if standing == "open":
            self.record(now, question, answer, "page")
            mail.used = True
            return answer
        if standing == "expired":
            self.late(now, answer)
        else:
            mail.used = True
        return standing

    def undo(self, now: datetime, question: Question, receipt: Receipt | None = None) -> str:
        """The button that takes an answer back, on the check-in's page or on a receipt's."""
        if not self.stands(now, question) or (receipt is not None and receipt.at != question.at):
            return "unchanged"
        self.take_back(now, question)
        return "undone"

    def late(self, now: datetime, answer: Answer) -> None:
        """Paid, too late: ask anew, a day after the last mail at the earliest, unless it is being asked."""
        if answer != "paid":
            return
        at = max([now, *(mail.at + LINK for question in self.questions for mail in question.mails)])
        latest = self.latest
        being_asked = (
            latest.status == "queued"
            or (latest.status == "sent" and latest.expires is not None and now < latest.expires)
            or (latest.status == "scheduled" and latest.due <= at)
        )
        if not being_asked:
            self.ask(at)

    def answer_in_app(self, now: datetime, answer: Answer) -> str | None:
        """The same question in the app; None: refused."""
        if self.status == "cancelled":
            return None
        if self.status == "paid" or (answer == "pending" and self.latest.status == "answered"):
            return "already_answered"
        if self.latest.status in LIVE:
            self.record(now, self.latest, answer, "app")
        elif answer == "paid":
            self.settle("paid", ("app", now))
        else:
            return None
        return answer

    def tick(self, now: datetime) -> None:
        """What ran out ends, what is due is queued."""
        for question in list(self.questions):
            if question.status == "sent" and question.expires is not None and question.expires <= now:
                question.status = "expired"
                self.end_early(now, question)
        for question in self.questions:
            if question.status == "scheduled" and question.due <= now:
                question.status = "queued"
        for receipt in self.receipts:
            if receipt.status == "scheduled" and receipt.leaves <= now:
                receipt.status = "queued"

    def may_leave(self, now: datetime) -> bool:
        """Whether a letter to the client may leave, as far as the question goes."""
        latest = self.latest
        answered_now = latest.via == "link" and latest.at is not None and now < latest.at + WINDOW
        return (
            self.status == "open"
            and latest.status in ("answered", "expired")
            and not answered_now
            and all(mail.used or now >= mail.at + LINK for mail in latest.mails)
            and self.fresh(now)
        )

    def fresh(self, now: datetime) -> bool:
        """Whether a letter may rest on the last question: not too old, and nothing has changed since."""
        latest = self.latest
        asked = latest.at if latest.via == "app" else max(mail.at for mail in latest.mails)
        assert asked is not None
        said = latest.at or asked
        days = now.astimezone(PARIS).date() - asked.astimezone(PARIS).date()
        return (
            days <= timedelta(days=7)
            and said.astimezone(PARIS).date() >= self.due_on
            and (self.doubted is None or said > self.doubted)
        )

    def asked_before_the_letter(self, now: datetime) -> None:
        """A tick asks again, because the word will be stale: never within a day of the last mail."""
        assert self.status == "open"
        assert self.latest.status in ("answered", "expired")
        assert all(mail.at + LINK <= now for mail in self.latest.mails)
        self.ask(now)

    def boundaries(self) -> list[datetime]:
        """The moments at which something is over."""
        found = [self.due]
        for question in self.questions:
            found += [question.due, *(mail.at + LINK for mail in question.mails)]
            found += [question.at + span for span in (WINDOW, UNDO) if question.at is not None]
            found += [question.expires] if question.expires is not None else []
        return found + [receipt.at + UNDO for receipt in self.receipts]
