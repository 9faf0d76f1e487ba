"""What clicks, mails and their fates, time, the user and a DBA lead to, said without the database.

A small model: invoices, the questions asked about them, the mails that carry them, the receipts of answers.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Answer = Literal["paid", "pending"]
Failure = Literal["temporary", "refused", "operator", "unknown"]
Fate = Literal["accepted", "lost"] | Failure

WINDOW = timedelta(seconds=60)
LINK = timedelta(hours=24)
UNDO = timedelta(days=14)
MINUTE = timedelta(minutes=1)
QUEUE_LEASE = timedelta(minutes=10)
SEND_LEASE = timedelta(minutes=3)
UNSENT = ("scheduled", "sending")
LIVE = (*UNSENT, "sent")


@dataclass
class Hours:
    """The settings of an organization that say when it asks about an invoice."""

    checkin_time: str = "09:00"
    time_zone: str = "Europe/Paris"

    def on(self, day: date) -> datetime:
        """The moment of that day's questions."""
        return datetime.combine(day, time.fromisoformat(self.checkin_time), ZoneInfo(self.time_zone))

    def day(self, moment: datetime) -> date:
        """The day that it is there at this moment."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(eq=False)
class Letter:
    """An attempt of a mail that asked a question: its links live for 24 h, used once one of them counted."""

    token: bytes
    at: datetime
    post: "Post"
    attempt: int
    began: datetime = field(init=False)
    accepted: bool = False
    failure: Failure | None = None
    used: bool = False

    def __post_init__(self) -> None:
        """It began when it was written; it is of the moment of its acceptance later."""
        self.began = self.at


@dataclass(eq=False)
class Question:
    """One check-in: when it is to be asked, and the mails that asked it."""

    asked_for: datetime
    follows: "Question | None" = None
    status: str = "scheduled"
    mails: list[Letter] = field(default_factory=list)
    answer: Answer | None = None
    via: str | None = None
    at: datetime | None = None
    mistrusted: bool = False
    contradicted: bool = False
    expires: datetime | None = None
    receipt: datetime | None = None

    def facts(self) -> dict[str, object]:
        """What the database must say of it."""
        return {
            "status": self.status,
            "answer": self.answer,
            "via": self.via,
            "at": self.at,
            "mistrusted": self.mistrusted,
            "contradicted": self.contradicted,
            "asked_for": self.asked_for,
            "expires": self.expires,
            "receipt": self.receipt,
            "attempts": len(self.mails),
        }

    def tired(self, now: datetime, accepted: datetime | None) -> bool:
        """Whether enough was tried: ten mails failed, the first a day ago, and one was accepted since.

        `accepted` is the last moment at which any mail was.
        """
        tries = [mail.began for mail in self.mails if mail.failure in ("temporary", "unknown")]
        return (
            len(tries) >= 10 and min(tries) <= now - LINK and accepted is not None and accepted > min(tries)
        )


@dataclass(eq=False)
class Post:
    """The mail of questions that is on its way to the user: what it carries is decided when it begins."""

    due: datetime
    status: str = "scheduled"
    lease: datetime | None = None
    attempts: int = 0
    carried: list[tuple[Question, Letter]] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """Whether it has still somewhere to go."""
        return self.status in ("scheduled", "queued", "sending")

    def facts(self) -> dict[str, object]:
        """What the database must say of it."""
        return {
            "status": self.status,
            "due": self.due if self.status == "scheduled" else None,
            "lease": self.lease if self.status in ("queued", "sending") else None,
            "attempts": self.attempts,
        }

    def begin(self, now: datetime, asked: list[tuple[Question, bytes]]) -> list[tuple[Question, Letter]]:
        """A worker begins to mail these questions; if there is none, the mail is over."""
        if not asked:
            self.status = "cancelled"
            return []
        self.status, self.lease, self.attempts = "sending", now + SEND_LEASE, self.attempts + 1
        self.carried = []
        for question, token in asked:
            question.status = "sending"
            question.mails.append(Letter(token, now, self, self.attempts))
            self.carried.append((question, question.mails[-1]))
        return self.carried

    def accept(self, now: datetime, carried: list[tuple[Question, Letter]]) -> None:
        """An attempt was accepted: its links live from now on. A second report of it changes nothing."""
        mails = [mail for _, mail in carried]
        if mails[0].accepted:
            return
        if self.status != "sent" and (self.status != "sending" or self.attempts == mails[0].attempt):
            self.status = "sent"
        for question, mail in carried:
            mail.accepted, mail.at, mail.failure = True, now, None
            if question.status in UNSENT and mail is question.mails[-1]:
                question.status = "sent"
            elif question.status != "sent":
                continue
            question.expires = max(question.expires or now, now + LINK)

    def fail(
        self,
        now: datetime,
        carried: list[tuple[Question, Letter]],
        failure: Failure,
        accepted: datetime | None,
    ) -> None:
        """An attempt failed: its questions are tried again later, but those refused or failed for a day."""
        for _, mail in carried:
            if not mail.accepted:
                mail.failure = failure
        if self.status != "sending" or self.attempts != carried[0][1].attempt:
            return
        for question, _ in carried:
            if question.status == "sending":
                over = failure == "refused" or (failure != "operator" and question.tired(now, accepted))
                question.status = "failed" if over else "scheduled"
        if any(question.status == "scheduled" for question, _ in carried):
            longest = timedelta(minutes=5) if failure == "operator" else timedelta(hours=1)
            self.lease = None
            self.due = now + min(MINUTE * 2 ** (min(self.attempts, 10) - 1), longest)
            self.status = "scheduled"
        else:
            self.status = "failed"

    def recover(self, now: datetime, accepted: datetime | None) -> None:
        """A worker that holds it beyond its lease is dead."""
        if self.lease is None or self.lease > now:
            return
        if self.status == "queued":
            self.status, self.due, self.lease = "scheduled", now, None
        elif self.status == "sending":
            self.fail(now, self.carried, "unknown", accepted)

    def tick(self, now: datetime) -> None:
        """It is queued when it is due."""
        if self.status == "scheduled" and self.due <= now:
            self.status, self.lease = "queued", now + QUEUE_LEASE


@dataclass(eq=False)
class Receipt:
    """What a mail has confirmed: an answer of paid, and the token that takes it back."""

    question: Question
    at: datetime
    token: bytes


@dataclass(eq=False)
class Invoice:
    """An invoice, what was asked about it, what settled it, and the events told of it."""

    due_on: date
    hours: Hours
    status: str = "open"
    settled: tuple[str, datetime | None] | None = None
    questions: list[Question] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    letters_sent: int = 0
    doubted: datetime | None = None
    told: list[str] = field(default_factory=list)
    said: datetime | None = None
    warned: set[Question] = field(default_factory=set)

    @property
    def due(self) -> datetime:
        """The moment it is asked about on its due date."""
        return self.hours.on(self.due_on)

    @property
    def latest(self) -> Question:
        """The question asked last."""
        return self.questions[-1]

    def issue(self, now: datetime) -> None:
        """It is issued: one question waits."""
        self.told.append("invoice_created")
        self.ask(self.asks_at(now))

    def asks_at(self, now: datetime) -> datetime:
        """When it is asked about: on the due date, or a minute from now if that is over."""
        return self.due if self.due > now else now + MINUTE

    def ask(self, at: datetime, follows: Question | None = None) -> None:
        """One question takes the place of the one that is live."""
        for question in self.questions:
            if question.status in LIVE:
                question.status = "cancelled"
        self.questions.append(Question(at, follows))

    def undecided(self) -> bool:
        """Whether a link said paid, did not count, and no answer of pending that stands has come since."""
        said = self.said
        return (
            self.status == "open"
            and said is not None
            and not any(q.answer == "pending" and q.at is not None and q.at > said for q in self.questions)
        )

    def note_paid(self, now: datetime, question: Question) -> None:
        """A link said paid and did not count; of an answered question only the first time matters."""
        if question in self.warned and question.answer is not None:
            return
        if not self.undecided():
            self.said = now
        self.warned.add(question)

    def decide(self, now: datetime, answer: Answer, via: str) -> bool:
        """The user decides after that: the answer to the last question, whatever became of it."""
        latest = self.latest
        if not self.undecided() or latest.status == "cancelled":
            return False
        again = latest.status == "answered" and answer == "pending"
        self.record(now, latest, answer, via, again=again)
        return True

    def settle(self, status: str, by: tuple[str, datetime | None] | None) -> None:
        """It is paid or cancelled: what is live ends."""
        self.status, self.settled, self.said = status, by, None
        self.told.append(f"invoice_{status}")
        for question in self.questions:
            if question.status in LIVE:
                question.status = "cancelled"

    def reopen(self, now: datetime) -> None:
        """It is asked about again, unless it is being asked."""
        self.status, self.settled, self.doubted = "open", None, now
        for question in self.questions:
            question.receipt = None
        self.told.append("invoice_reopened")
        if self.latest.status not in LIVE:
            self.ask(self.asks_at(now))

    def set_status(self, now: datetime, status: str) -> bool:
        """The user or a DBA sets the status; False: refused, as a settled invoice is first reopened."""
        if status == self.status:
            return True
        if status == "open":
            self.reopen(now)
        elif self.status == "open":
            self.settle(status, ("manual", now) if status == "paid" else None)
        else:
            return False
        return True

    def change(self, now: datetime, *, due_on: date | None = None, asks: bool = True) -> bool:
        """A fact is corrected, and the user asked again if it `asks`; False: refused, as it is settled."""
        if self.status != "open":
            return False
        self.due_on = due_on or self.due_on
        self.told.append("invoice_changed")
        if asks:
            self.ask(self.asks_at(now))
        return True

    def move(self, now: datetime, was: datetime) -> None:
        """The organization has other hours: the due date's question moves, if it was never mailed."""
        for question in self.questions:
            waits = question.status == "scheduled" and not question.mails and question.asked_for > now
            if waits and question.asked_for == was:
                question.asked_for = self.asks_at(now)

    def record(
        self, now: datetime, question: Question, answer: Answer, via: str, *, again: bool = False
    ) -> None:
        """The answer counts; the same one again brings no other question about."""
        question.status, question.answer, question.via, question.at = "answered", answer, via, now
        if answer == "paid":
            self.settle("paid", ("app" if via == "app" else "check-in", now))
            if via != "app":
                question.receipt = now + (WINDOW if via == "link" else timedelta())
        elif not again:
            self.end_early(now, question)

    def end_early(self, now: datetime, question: Question) -> None:
        """Answered pending or expired before the due date: that day asks all the same."""
        if self.status == "open" and self.due_on > self.hours.day(now):
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
        if not question.mails:
            return False  # decided by the page of another mail: no user has this question
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
            self.told.append("invoice_reopened")
        self.questions = [other for other in self.questions if other.follows is not question]
        question.status, question.answer, question.via, question.at = "sent", None, None, None
        question.receipt = None
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
            self.late(now, question, answer)
            return "expired"
        at_once = question.via == "link" and question.at is not None and now < question.at + WINDOW
        if at_once and question.answer != answer and self.stands(now, question):
            self.take_back(now, question)
            question.contradicted = True
            self.note_paid(now, question)
            return "confirm"
        if question.answer == "pending" and answer == "paid" and self.status == "open":
            self.note_paid(now, question)
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
        if self.decide(now, answer, "page"):
            mail.used = True
            return answer
        if standing == "expired":
            self.late(now, question, answer)
        else:
            mail.used = True
        return standing

    def undo(self, now: datetime, question: Question, receipt: Receipt | None = None) -> str:
        """The button that takes an answer back, on the check-in's page or on a receipt's."""
        if not self.stands(now, question) or (receipt is not None and receipt.at != question.at):
            return "unchanged"
        self.take_back(now, question)
        return "undone"

    def late(self, now: datetime, question: Question, answer: Answer) -> None:
        """Paid, too late: ask again, a day after the last mail at the earliest, unless it is being asked."""
        if answer != "paid":
            return
        self.note_paid(now, question)
        at = max([now, *(mail.at + LINK for question in self.questions for mail in question.mails)])
        latest = self.latest
        being_asked = (
            latest.status == "sending"
            or (latest.status == "sent" and latest.expires is not None and now < latest.expires)
            or (latest.status == "scheduled" and latest.asked_for <= at)
        )
        if not being_asked:
            self.ask(at)

    def answer_in_app(self, now: datetime, answer: Answer) -> str | None:
        """The same question in the app; None: refused."""
        if self.status == "cancelled":
            return None
        if self.decide(now, answer, "app"):
            return answer
        if self.status == "paid" or (answer == "pending" and self.latest.status == "answered"):
            return "already_answered"
        if self.latest.status in (*LIVE, "failed"):
            self.record(now, self.latest, answer, "app")
        elif answer == "paid":
            self.settle("paid", ("app", now))
        else:
            return None
        return answer

    def expire(self, now: datetime) -> None:
        """What ran out ends."""
        for question in list(self.questions):
            if question.status == "sent" and question.expires is not None and question.expires <= now:
                question.status = "expired"
                self.end_early(now, question)

    def may_leave(self, now: datetime) -> bool:
        """Whether a letter to the client may leave, as far as the question goes."""
        latest = self.latest
        answered_now = latest.via == "link" and latest.at is not None and now < latest.at + WINDOW
        return (
            self.status == "open"
            and not self.undecided()
            and latest.status in ("answered", "expired")
            and not answered_now
            and all(mail.used or now >= mail.at + LINK for mail in latest.mails)
            and self.fresh(now)
        )

    def fresh(self, now: datetime) -> bool:
        """Whether a letter may rest on the last question: not too old, and nothing has changed since."""
        latest = self.latest
        read = [mail.at for mail in latest.mails if mail.failure in (None, "unknown")]
        asked = latest.at if latest.via == "app" or not read else read[-1]
        assert asked is not None
        said = latest.at or asked
        days = self.hours.day(now) - self.hours.day(asked)
        return (
            days <= timedelta(days=7)
            and self.hours.day(said) >= self.due_on
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
            found += [question.asked_for, *(mail.at + LINK for mail in question.mails)]
            found += [question.at + span for span in (WINDOW, UNDO) if question.at is not None]
            found += [at for at in (question.expires, question.receipt) if at is not None]
        return found + [receipt.at + UNDO for receipt in self.receipts]
