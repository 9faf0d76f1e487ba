"""One organization has a hundred thousand things due, or a row that fails: no other one waits for it."""

import time
from datetime import datetime, timedelta

import httpx

from tests.faults.conftest import Figures, Scale
from tests.faults.support.checks import asked, assert_rules
from tests.faults.support.site import Site, running_site
from tests.faults.support.town import advance_to, drain
from tests.support.letters import proven
from tests.support.person import Person
from tests.support.stack import Stack
from tests.support.waiting import until

_WITHIN = 2.0
"""Seconds from due to accepted, for a neighbour of the large organization."""

_INSERT = """
with made as (
  insert into rubis.client (organization_id, name, email)
  select %(organization)s, 'Client ' || n, 'c' || n || '@crowd.test' from generate_series(1, 1000) as n
  returning organization_id, client_id
), numbered as (
  select m.*, row_number() over () as place from made as m
)
insert into rubis.invoice (
  organization_id, client_id, number, issued_on, due_on, amount_cents, currency)
select m.organization_id, m.client_id, 'C-' || n, %(due_on)s::date - 30, %(due_on)s, 120000, 'EUR'
  from generate_series(1, %(count)s) as n
  join numbered as m on m.place = 1 + n %% 1000
"""


def crowd(site: Site, person: Person, count: int) -> datetime:
    """Give this person so many open invoices, due in a month; when all their questions are due."""
    due_on = (site.database.clock.now() + timedelta(days=30)).date()
    site.database.owner().execute(
        _INSERT, {"organization": person.cast.organization_id, "count": count, "due_on": due_on}
    )
    site.database.admin.execute("vacuum (analyze) rubis.checkin_task, rubis.invoice, rubis.relance")
    due_at: datetime = site.database.admin.value(
        "select max(scheduled_at) from rubis.checkin_task where organization_id = %s",
        [person.cast.organization_id],
    )
    return due_at


def fall_due(site: Site, person: Person, at: datetime) -> None:
    """Let the only question of this person be due at this moment."""
    site.database.owner().execute(
        "update rubis.checkin_task set scheduled_at = %s where organization_id = %s",
        [at, person.cast.organization_id],
    )


def waited(site: Site, person: Person) -> float | None:
    """How many seconds after it was due the only question of this person was accepted; None until it is."""
    rows = site.database.admin.rows(
        "select extract(epoch from a.accepted_at - t.scheduled_at)::float as seconds"
        " from rubis.mail_item as x join rubis.mail_attempt as a using (organization_id, mail_id, attempt)"
        " join rubis.checkin_task as t on (t.organization_id, t.checkin_task_id)"
        " = (x.organization_id, x.checkin_task_id)"
        " where x.organization_id = %s and a.accepted_at is not null",
        [person.cast.organization_id],
    )
    return rows[0]["seconds"] if rows else None


def test_a_large_organization_delays_no_neighbour(scale: Scale, figures: Figures) -> None:
    """Its questions fall due together; a neighbour's single one is accepted within two seconds.

    So is one that falls due while the large one's settings change, which its API answers at once.
    """
    count = scale(100_000, 10_000)
    with running_site() as site:
        stack = Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)
        with Person(stack) as large, Person(stack) as ana, Person(stack) as ben, Person(stack) as eve:
            proven(large.cast)
            large.cast.settings(question_mails_per_day=4)
            neighbours = {ana: 0.1, ben: 3.0, eve: 8.0}
            for neighbour in neighbours:
                neighbour.issue(due_on="2099-01-01")
            due_at = crowd(site, large, count)
            advance_to(site.database, due_at - timedelta(seconds=5))
            for neighbour, seconds in neighbours.items():
                fall_due(site, neighbour, due_at + timedelta(seconds=seconds))
            first, second = (
                until(lambda one=one: waited(site, one), site.workers[0].log)  # type: ignore[misc]
                for one in (ana, ben)
            )
            large.log_in()
            began = time.monotonic()
            large.patch("organization", {"checkin_time": "11:30", "time_zone": "America/New_York"})
            patched = time.monotonic() - began
            began = time.monotonic()
            assert ana.browser.get("/api/v1/me").status_code in (200, 401)
            looked = time.monotonic() - began
            third = until(lambda: waited(site, eve), site.workers[0].log)
            assert max(first, second, third) < _WITHIN, (first, second, third)
            assert max(patched, looked) < _WITHIN, (patched, looked)
            assert 0 < len(asked(site, large.email)) <= 100
        assert httpx.get(f"{site.url}/readyz").status_code == 200
        figures.tell(
            questions_due=count,
            neighbours_after=f"{first:.1f}, {second:.1f} and {third:.1f} s",
            settings_changed_in=f"{patched:.2f} s",
            GET_me_meanwhile=f"{looked:.2f} s",
        )


def test_a_row_that_fails_stops_its_organization_only(figures: Figures) -> None:
    """Its ticks are recorded as failing and tried again; all others are served, and it is too once mended."""
    with running_site() as site:
        stack = Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)
        with Person(stack) as broken, Person(stack) as ana:
            site.database.admin.execute(
                "create function public.fail() returns trigger language plpgsql"
                " as $$ begin raise exception 'a bad row'; end $$"
            )
            site.database.admin.execute(
                "create trigger fail before insert on rubis.mail for each row"
                f" when (new.organization_id = {broken.cast.organization_id})"
                " execute function public.fail()"
            )
            broken.issue(number="BROKEN")
            ana.issue(number="SERVED")
            stack.a_minute_passes()
            until(lambda: stuck(site), site.workers[0].log)
            until(lambda: [question.number for question in asked(site)] == ["SERVED"], site.workers[0].log)
            ana.issue(number="SERVED TOO")
            stack.a_minute_passes()
            until(lambda: len(asked(site, ana.email)) == 2, site.workers[0].log)
            assert stuck(site) == [broken.cast.organization_id]
            failures = len(site.workers[0].events("organization_failed"))
            assert failures >= 1

            site.database.admin.execute("drop function public.fail() cascade")
            site.database.clock.advance(hours=1)
            until(lambda: len(asked(site, broken.email)) == 1, site.workers[0].log)
            until(lambda: stuck(site) == [], "still stuck")
            drain(site, "checkin_task")
        assert_rules(site.database)
        figures.tell(failed_ticks=failures, others_served=2, served_once_mended=1)


def stuck(site: Site) -> list[int]:
    """The organizations whose last tick has failed."""
    return [
        row["organization_id"]
        for row in site.database.admin.rows(
            "select organization_id from audit.stuck_organizations where failures > 0"
        )
    ]
