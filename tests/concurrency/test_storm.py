"""Four sessions do at random whatever plans, settles or changes what planning reads.

`RUBIS_SEED=n` makes the same choices again, `RUBIS_STEPS=n` gives each session so many steps.
"""

import os
import random
from typing import Any

import psycopg

from tests.support.ground import CHANGES, PLANS, SETTLES, Act, Ground, lay
from tests.support.line import Connections
from tests.support.race import Move, Race
from tests.support.session import Session

SESSIONS = 4
NOTHING_TO_DO = (AssertionError, KeyError)
"""An act finds no relance or no mail to act on any more."""


def _plan(*days: int) -> Act:
    return lambda it, _: it.api(
        "put_relance_plan",
        relance_plan_id=None,
        name=None,
        steps=it.json([{"days_after_due": day, "tone": "firm"} for day in days]),
    )


ACTS: list[Act] = [
    *(CHANGES | PLANS | SETTLES).values(),
    *(_plan(day, day + 9) for day in (2, 5, 8)),
    lambda it, _: it.api("update_organization", changes=it.json({"time_zone": "Europe/Paris"})),
    lambda it, ground: it.dba(
        "update rubis.client set relance_plan_id = null where client_id = %s", ground.clients["Dupont"]
    ),
    lambda it, _: it.issue(client_name="Dupont SARL"),
]

_RULES = "select rule, violations from audit.rules where violations > 0"
_AHEAD = """
select i.number, r.step, r.tone, r.days_after_due, r.scheduled_at, r.next_look_at
  from rubis.relance as r
  join rubis.invoice as i using (organization_id, invoice_id)
  join rubis.checkin_task as t using (organization_id, invoice_id)
 where i.status = 'open' and r.status in ('scheduled', 'held')
   and t.status = 'scheduled' and t.scheduled_at > rubis.clock() + interval '1 day'
 order by i.invoice_id
"""
_ASKED_ELSEWHEN = """
select i.number, t.scheduled_at
  from rubis.checkin_task as t
  join rubis.invoice as i using (organization_id, invoice_id)
  join rubis.organization as o using (organization_id)
 where t.status = 'scheduled' and t.scheduled_at > rubis.clock() + interval '1 day'
   and t.scheduled_at <> rubis.checkin_at(i.due_on, o.checkin_time, o.time_zone)
"""
_OUTDATED = """
select i.number from rubis.invoice as i join rubis.organization as o using (organization_id)
 where i.status = 'open' and i.schedule_version < o.schedule_version
"""
_PLAN_AGAIN = """
select rubis.schedule_relance(i.organization_id, i.invoice_id) from rubis.invoice as i
 where i.status = 'open' order by i.invoice_id
"""


def test_a_storm_leaves_every_invoice_planned_as_it_would_be_planned_now(own_race: Race) -> None:
    """Whatever comes at once: no deadlock, refusals by name only, no audit rule broken, no effect lost."""
    seed = int(os.environ.get("RUBIS_SEED", "14"))
    steps = int(os.environ.get("RUBIS_STEPS", "40"))
    ground = lay(Connections(own_race.database))
    ground.cast.clock.run()  # the rules tell by its time whether an act came before a letter or after it
    rules = own_race.database.admin.rows(_RULES)  # of the tests' clock, which is no function of ours
    refusals = own_race.run([_session(ground, random.Random(f"{seed} {n}"), steps) for n in range(SESSIONS)])
    told = f"RUBIS_SEED={seed} RUBIS_STEPS={steps}"
    # A DBA's invoice may have a number in use.
    assert {code for codes in refusals for code in codes if not code.startswith("RB")} <= {"23505"}, told
    admin = own_race.database.admin
    assert admin.rows(_RULES) == rules, told
    ground.cast.plan_again()  # what settings or a plan have outdated, as the next tick does
    assert admin.rows(_OUTDATED) == [], told
    assert admin.rows(_ASKED_ELSEWHEN) == [], told
    planned = admin.rows(_AHEAD)
    assert planned, told
    with admin.connection.transaction(force_rollback=True):
        admin.execute(_PLAN_AGAIN)
        assert admin.rows(_AHEAD) == planned, told


def _session(ground: Ground, chosen: random.Random, steps: int) -> Move:
    """One session's steps; the SQLSTATEs of what was refused."""

    def play(session: Session) -> list[Any]:
        refused = []
        for _ in range(steps):
            try:
                with session.connection.transaction():
                    act = chosen.choice(ACTS)
                    act(ground.cast.over(session), ground)
            except psycopg.Error as error:
                refused.append(error.sqlstate)
            except NOTHING_TO_DO:
                pass
        return refused

    return "postgres", play
