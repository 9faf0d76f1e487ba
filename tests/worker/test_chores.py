"""What a worker forgets when it starts and every ten minutes."""

import asyncio

from app.core.database import Database as Client
from tests.support.cast import connected
from tests.support.database import Database
from tests.support.letters import accept_another
from worker.chores import Chores

_A_MAIL = """
insert into rubis.mail (organization_id, user_id, kind, next_attempt_at)
values (%s, %s, 'questions', rubis.clock()) returning mail_id
"""
_MOVES = """
update rubis.mail set status = 'queued', next_attempt_at = null, lease_expires_at = rubis.clock()
 where mail_id = {mail};
update rubis.mail set status = 'sending', attempts = 12001 where mail_id = {mail};
update rubis.mail set status = 'failed', lease_expires_at = null,
       ended_at = rubis.clock() - interval '2 years' where mail_id = {mail};
insert into rubis.mail_attempt (
  organization_id, mail_id, attempt, to_address, message_id, attempted_at, failed_at, failure_class)
select {organization}, {mail}, n, 'a@b.test', format('<%s@b.test>', n), a.at, a.at,
       case when n <= 12000 then 'unknown' else 'temporary' end
  from generate_series(1, 12001) as n
 cross join lateral (
   select rubis.clock() - interval '2 years' + n * interval '1 second' as at) as a;
"""
_TEMPORARY = "select count(*) from rubis.mail_attempt where failure_class = 'temporary'"


def test_a_sweep_goes_on_where_the_last_one_ended(database: Database) -> None:
    """Ten thousand rows that stay are looked at in one run; what lies behind them goes in the next one."""
    with connected(database) as cast:
        mail_id = database.admin.value(_A_MAIL, [cast.organization_id, cast.user_id])
        moves = _MOVES.format(mail=mail_id, organization=cast.organization_id)
        for statement in moves.split(";")[:-1]:
            database.admin.execute(statement)
        accept_another(cast)
    seen = []

    async def work() -> None:
        async with Client(database.conninfo("rubis_worker")) as client:
            chores = Chores(client, kept_days=365)
            for _ in range(2):
                await chores.run()
                seen.append(database.admin.value(_TEMPORARY))

    asyncio.run(work())
    assert seen == [1, 0]
    unknown = "select count(*) from rubis.mail_attempt where failure_class = 'unknown'"
    assert database.admin.value(unknown) == 12_000
