"""Relances that meet what users and other workers do: one effect, no deadlock, whoever comes first."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.support.flow import Flow
from tests.support.race import Move, Race, sqlstate
from tests.support.session import Session

MONDAY = "2026-03-09 10:00 Europe/Paris"
AHEAD = ("scheduled", "held", "queued", "sending", "unconfirmed")


class Post(Flow):
    """A flow whose worker sends letters too. Time stands on a Monday."""

    def ready(self, count: int = 1) -> list[int]:
        """Invoices of one client whose relance is queued; their ids."""
        self.database.clock.set(MONDAY)
        for year in (2026, 2027):
            self.worker.execute("select worker.put_holidays('FR', %s, '[]')", [year])
        invoices = [self.asked(p_issued_on="2026-02-02", p_due_on="2026-02-20") for _ in range(count)]
        for _, hashed in invoices:
            self.answer(hashed, "pending")
        self.database.clock.advance(minutes=1)  # until then the other link would take it back
        self.database.admin.execute(
            "update rubis.relance set next_attempt_at = rubis.clock() where status = 'scheduled'"
        )
        self.tick()
        return [invoice_id for invoice_id, _ in invoices]

    def relance(self, invoice_id: int) -> dict[str, Any]:
        """The latest relance of an invoice."""
        return self.database.admin.row(
            "select * from rubis.relance where invoice_id = %s order by relance_id desc limit 1", [invoice_id]
        )

    def relances(self, invoice_id: int) -> list[tuple[int, str]]:
        """Step and status of each."""
        rows = self.database.admin.rows(
            "select step, status from rubis.relance where invoice_id = %s order by relance_id", [invoice_id]
        )
        return [(row["step"], row["status"]) for row in rows]

    def letters(self, invoice_id: int) -> int:
        """How many were attempted."""
        count: int = self.database.admin.value(
            "select count(*) from rubis.relance_mail where invoice_id = %s", [invoice_id]
        )
        return count

    def begin_letter(self, invoice_id: int, session: Session | None = None) -> Any:
        """Begin to send it, over this session."""
        return (session or self.worker).call(
            "worker.begin_relance_send",
            p_organization_id=self.organization_id,
            p_relance_id=self.relance(invoice_id)["relance_id"],
            p_message_id=f"<{secrets.token_hex(8)}@rubis.example>",
        )

    def begin_move(self, invoice_id: int) -> Move:
        """The same as a move."""
        return "rubis_worker", lambda session: self.begin_letter(invoice_id, session)

    def finish_move(self, mail_id: int) -> Move:
        """The letter was accepted."""
        return "rubis_worker", lambda session: session.call(
            "worker.finish_relance_send", p_organization_id=self.organization_id, p_relance_mail_id=mail_id
        )

    def fail_move(self, mail_id: int, failure_class: str) -> Move:
        """It was not."""
        return "rubis_worker", lambda session: session.call(
            "worker.fail_relance_send",
            p_organization_id=self.organization_id,
            p_relance_mail_id=mail_id,
            p_failure_class=failure_class,
            p_failure_detail="as the test has it",
        )

    def tick_move(self, name: str = "another worker") -> Move:
        """One turn of another worker's clock."""
        return "rubis_worker", lambda session: session.call("worker.tick", p_worker=name, p_limit=500)

    def api_move(self, function: str, **params: Any) -> Move:
        """What the user does."""
        return "rubis_api", lambda session: session.call(
            f"api.{function}",
            p_access_token_hash=self.access,
            **{f"p_{name}": value for name, value in params.items()},
        )

    def client_id(self, invoice_id: int) -> int:
        """Whose invoice it is."""
        found: int = self.database.admin.value(
            "select client_id from rubis.invoice where invoice_id = %s", [invoice_id]
        )
        return found

    def plan_move(self, *days: int) -> Move:
        """Another default plan."""
        steps = [{"days_after_due": day, "tone": "firm"} for day in days]
        return self.api_move("put_relance_plan", relance_plan_id=None, name=None, steps=Jsonb(steps))


@pytest.fixture
def post(own_race: Race) -> Post:
    """An organization of the test's own, in a database of its own: ticks look at all."""
    return Post(own_race.database)


STOPS: dict[str, Callable[[Post, int], Move]] = {
    "pay": lambda post, i: post.api_move("mark_invoice_paid", invoice_id=i),
    "cancel": lambda post, i: post.api_move("cancel_invoice", invoice_id=i),
    "pause": lambda post, i: post.api_move(
        "pause_invoice", invoice_id=i, until="2026-04-01", reason="promised"
    ),
    "pause the client": lambda post, i: post.api_move(
        "pause_client", client_id=post.client_id(i), until="2026-04-01", reason="promised"
    ),
    "exclude the client": lambda post, i: post.api_move(
        "update_client", client_id=post.client_id(i), changes=Jsonb({"relances_off": True})
    ),
    "take the address away": lambda post, i: post.api_move(
        "update_client", client_id=post.client_id(i), changes=Jsonb({"email": None})
    ),
    "ask again": lambda post, i: post.api_move("ask_checkin_again", invoice_id=i),
    "move the due date": lambda post, i: post.api_move(
        "update_invoice", invoice_id=i, changes=Jsonb({"due_on": "2026-03-20"})
    ),
}


@pytest.mark.parametrize("name", STOPS)
def test_what_stops_it_comes_first(own_race: Race, post: Post, name: str) -> None:
    """The worker waits, sees it under lock, and sends nothing."""
    (invoice_id,) = post.ready()
    met = own_race.meet(STOPS[name](post, invoice_id), post.begin_move(invoice_id))
    assert met.waited
    assert "skip_reason" in met.second, met.second
    assert post.letters(invoice_id) == 0


@pytest.mark.parametrize("name", STOPS)
def test_what_stops_it_comes_second(own_race: Race, post: Post, name: str) -> None:
    """The letter is on its way and cannot be called back; afterwards nothing is ahead that must not be."""
    (invoice_id,) = post.ready()
    met = own_race.meet(post.begin_move(invoice_id), STOPS[name](post, invoice_id))
    assert met.waited
    assert sqlstate(met.second) is None
    own_race.run([post.finish_move(met.first["relance_mail_id"])])
    settled = name in ("pay", "cancel")
    assert post.relances(invoice_id) == ([(1, "sent")] if settled else [(1, "sent"), (2, "scheduled")])


def test_two_workers_one_letter(own_race: Race, post: Post) -> None:
    """The second finds it taken."""
    (invoice_id,) = post.ready()
    met = own_race.meet(post.begin_move(invoice_id), post.begin_move(invoice_id))
    assert met.second == {"skip_reason": "relance is sending"}
    assert post.letters(invoice_id) == 1


@pytest.mark.parametrize("first", ["finish", "pay"])
def test_finish_and_pay(own_race: Race, post: Post, first: str) -> None:
    """Whichever comes first: sent, paid, and no further step ahead."""
    (invoice_id,) = post.ready()
    mail_id = post.begin_letter(invoice_id)["relance_mail_id"]
    moves = [post.finish_move(mail_id), STOPS["pay"](post, invoice_id)]
    own_race.meet(*(moves if first == "finish" else reversed(moves)))
    assert [status for _, status in post.relances(invoice_id) if status in AHEAD] == []
    assert post.relances(invoice_id)[0] == (1, "sent")


@pytest.mark.parametrize("failure_class", ["temporary", "operator", "unknown", "refused"])
@pytest.mark.parametrize("first", ["fail", "pay"])
def test_fail_and_pay(own_race: Race, post: Post, failure_class: str, first: str) -> None:
    """Nothing is tried again for an invoice that is paid, and nothing of it waits."""
    (invoice_id,) = post.ready()
    mail_id = post.begin_letter(invoice_id)["relance_mail_id"]
    moves = [post.fail_move(mail_id, failure_class), STOPS["pay"](post, invoice_id)]
    own_race.meet(*(moves if first == "fail" else reversed(moves)))
    assert post.relances(invoice_id) == [(1, "cancelled")]


@pytest.mark.parametrize("first", ["tick", "pay"])
def test_a_lease_that_ran_out_and_pay(own_race: Race, post: Post, first: str) -> None:
    """A tick and a payment at once: not unconfirmed on a paid invoice."""
    (invoice_id,) = post.ready()
    post.begin_letter(invoice_id)
    post.database.clock.advance(minutes=4)
    moves = [post.tick_move(), STOPS["pay"](post, invoice_id)]
    own_race.meet(*(moves if first == "tick" else reversed(moves)))
    post.tick()
    assert post.relances(invoice_id) == [(1, "cancelled")]


@pytest.mark.parametrize(
    "name", ["pay", "pause", "pause the client", "resume the client", "change the plan", "change the zone"]
)
@pytest.mark.parametrize("first", ["refused", "other"])
def test_a_refused_address_and_another_invoice(own_race: Race, post: Post, name: str, first: str) -> None:
    """The client is paused once, by locks in the one order."""
    one, other = post.ready(2)
    mail_id = post.begin_letter(other)["relance_mail_id"]
    others = STOPS | {
        "resume the client": lambda p, i: p.api_move("resume_client", client_id=p.client_id(i)),
        "change the plan": lambda p, _: p.plan_move(4, 8),
        "change the zone": lambda p, _: p.api_move(
            "update_organization", changes=Jsonb({"time_zone": "America/New_York"})
        ),
    }
    moves = [post.fail_move(mail_id, "refused"), others[name](post, one)]
    met = own_race.meet(*(moves if first == "refused" else reversed(moves)))
    assert sqlstate(met.second) is None
    assert post.relances(other)[0] == (1, "cancelled")


@pytest.mark.parametrize("first", ["plan", "other"])
@pytest.mark.parametrize("name", ["begin", "pay", "tick"])
def test_a_plan_change(own_race: Race, post: Post, name: str, first: str) -> None:
    """What is queued stays; at most one is ahead."""
    (invoice_id,) = post.ready()
    others = {
        "begin": post.begin_move(invoice_id),
        "pay": STOPS["pay"](post, invoice_id),
        "tick": post.tick_move(),
    }
    moves = [post.plan_move(5, 9), others[name]]
    met = own_race.meet(*(moves if first == "plan" else reversed(moves)))
    assert sqlstate(met.second) is None
    assert len([status for _, status in post.relances(invoice_id) if status in AHEAD]) <= 1


@pytest.mark.parametrize("first", ["tick", "click"])
def test_proof_and_click(own_race: Race, post: Post, first: str) -> None:
    """A tick lets go what waited for the address while a click comes in: neither waits in a circle."""
    invoice_id, hashed = post.asked(p_issued_on="2026-02-02", p_due_on="2026-02-20")
    post.database.admin.execute(
        "update rubis.relance set status = 'held', hold_reason = 'address_unproven', next_attempt_at = null"
    )
    post.database.admin.execute(
        "update rubis.app_user set email_proven_at = rubis.clock(), release_due = true"
    )
    moves: list[Move] = [
        post.tick_move(),
        ("rubis_api", lambda session: post.answer(hashed, "pending", session)),
    ]
    own_race.meet(*(moves if first == "tick" else reversed(moves)))
    post.tick()
    assert post.relance(invoice_id)["status"] == "scheduled"
    assert post.database.admin.value("select bool_or(release_due) from rubis.app_user") is False


def test_a_hold_is_not_set_behind_its_lifting(own_race: Race, post: Post) -> None:
    """A tick that comes while the answer is being written does not hold what the answer lets go."""
    invoice_id, hashed = post.asked(p_issued_on="2026-02-02", p_due_on="2026-02-20")
    post.database.admin.execute("update rubis.relance set next_attempt_at = rubis.clock()")
    met = own_race.meet(
        ("rubis_api", lambda session: post.answer(hashed, "pending", session)), post.tick_move()
    )
    assert not met.waited
    post.tick()
    assert post.relance(invoice_id)["status"] != "held"


def test_two_ticks_tell_an_outage_once(own_race: Race, post: Post) -> None:
    """Two workers come back at the same moment: one notice."""
    post.tick()
    post.issue()
    post.database.clock.advance(minutes=30)
    own_race.run([post.tick_move("a"), post.tick_move("b"), post.tick_move("c")])
    assert post.database.admin.value("select count(*) from rubis.outage") == 1
    assert post.database.admin.value("select count(*) from rubis.user_mail where kind = 'late_notice'") == 1


def test_a_storm(own_race: Race, post: Post) -> None:
    """All of it at once, again and again: no deadlock, and the rules hold after each round."""
    invoices = post.ready(4)
    client_id = post.client_id(invoices[0])

    def letter(fate: str) -> Move:
        def send(session: Session) -> None:
            for invoice_id in invoices:
                begun = post.begin_letter(invoice_id, session)
                if begun.get("relance_mail_id"):
                    move = (
                        post.finish_move(begun["relance_mail_id"])
                        if fate == "accepted"
                        else post.fail_move(begun["relance_mail_id"], fate)
                    )
                    move[1](session)

        return "rubis_worker", send

    def prepare(number: int) -> None:
        post.database.clock.advance(hours=[1, 25, 73][number % 3])
        post.database.admin.execute(
            "update rubis.client set paused_until = null, pause_reason = null where paused_until is not null"
        )
        post.database.admin.execute(
            "update rubis.invoice set status = 'open' where status = 'paid' and invoice_id = %s",
            [invoices[number % 4]],
        )
        post.database.admin.execute(
            "update rubis.relance set next_attempt_at = rubis.clock() where status = 'scheduled'"
        )

    moves = [
        post.tick_move("a"),
        post.tick_move("b"),
        letter("accepted"),
        letter("refused"),
        letter("temporary"),
        post.plan_move(2, 5, 9, 14, 20),
        post.api_move("mark_invoice_paid", invoice_id=invoices[1]),
        post.api_move("pause_invoice", invoice_id=invoices[2], until="2099-01-01", reason=None),
        post.api_move("resume_invoice", invoice_id=invoices[2]),
        post.api_move("pause_client", client_id=client_id, until="2099-01-01", reason=None),
        post.api_move("resume_client", client_id=client_id),
        post.api_move("update_organization", changes=Jsonb({"relance_time": "11:00"})),
        post.api_move("update_organization", changes=Jsonb({"relance_time": "09:00"})),
        post.api_move("answer_invoice_checkin", invoice_id=invoices[3], answer="pending"),
        post.api_move("ask_checkin_again", invoice_id=invoices[0]),
    ]
    for results in own_race.rounds(moves, 25, prepare):
        assert {sqlstate(result) for result in results} <= {None, "RB409"}
    post.database.clock.advance(minutes=20)
    post.tick()
    rules = "relance_ahead_invoice_open relance_spacing relance_owner_asked held_relance_waits one_live_task"
    for rule in rules.split():
        assert post.database.admin.rows(f"select * from audit.rule_{rule}") == [], rule
