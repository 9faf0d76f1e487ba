"""How long after its moment a check-in's mail is on record as accepted, when there is little to do."""

import time

from bench import loading
from bench.ground import Ground
from bench.measures.mails import smtp_environment
from bench.programs import free_port, running
from bench.results import Row
from bench.sizes import Sizes

_AIM = 1.0
_LEAD = 8.0  # seconds; longer than a worker sleeps, as the minute is that every check-in lies ahead
_LATENESS = """
select extract(epoch from a.accepted_at - t.scheduled_at)::float8
  from rubis.mail_item as x
  join rubis.mail_attempt as a
    on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
  join rubis.checkin_task as t
    on t.organization_id = x.organization_id and t.checkin_task_id = x.checkin_task_id
 where a.accepted_at is not null
 order by 1
"""


def measure(ground: Ground, sizes: Sizes) -> list[Row]:
    """One row, with the 99th percentile; it needs no baseline."""
    port = free_port()
    with ground.clone(ground.organizations_template()) as database:
        environment = smtp_environment(ground, database, port)
        with (
            running("bench.peers.sink", environment=environment, folder=ground.folder) as sink,
            running("app.cli", "worker", environment=environment, folder=ground.folder) as worker,
            database.session() as session,
        ):
            sink.wait_for_port(port)
            worker.wait_for_text("worker_started")
            loading.run(
                session,
                "fall_due",
                count=sizes.light_mails,
                clients=loading.CLIENTS_PER_ORGANIZATION,
                organizations=sizes.organizations,
                lead=_LEAD,
                spacing=sizes.light_spacing,
            )
            time.sleep(_LEAD + sizes.light_mails * sizes.light_spacing)
            deadline = time.monotonic() + 30
            while len(lateness := [late for (late,) in session.execute(_LATENESS)]) < sizes.light_mails:
                if time.monotonic() > deadline:
                    message = f"{len(lateness)} of {sizes.light_mails} mails\n{worker.output()[-2000:]}"
                    raise RuntimeError(message)
                time.sleep(0.2)
    middle, most = (lateness[len(lateness) * part // 100] for part in (50, 99))
    return [
        Row(
            key="promptness",
            measure=f"from due to accepted mail, {1 / sizes.light_spacing:.0f} a second, p99",
            unit="s",
            ours=most,
            aim=_AIM,
            bound="at most",
            evidence=f"p50 {middle:.3f} s, longest {lateness[-1]:.3f} s, of {len(lateness)} mails.",
        )
    ]
