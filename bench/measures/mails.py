"""Mails per second of one worker, beside Procrastinate's own rate of jobs that do nothing.

Once with one question in each mail, once with ten.
"""

import time

from app.core.settings import Settings
from bench.ground import Database, Ground
from bench.programs import Meter, free_port, running
from bench.results import Row
from bench.sizes import Sizes

_AIM = 0.35
_PATIENCE = 600.0
_QUESTIONS = 10  # in each mail, of the second row
# Accepted mails are recorded together, so the first one's attempt is the beginning.
_SENT = """
select (select count(*) from rubis.checkin_task as t where t.status = 'sent'), count(a.accepted_at),
       extract(epoch from max(a.accepted_at) - min(a.attempted_at))::float8
  from rubis.mail_attempt as a
"""


def measure(ground: Ground, sizes: Sizes) -> list[Row]:
    """Two rows. Each round begins with fresh copies: all check-ins due, and an empty queue."""
    concurrency = Settings(_env_file=None).worker_concurrency
    single: list[tuple[float, float]] = []
    many: list[tuple[float, float]] = []
    busy = {}
    for _ in range(sizes.rounds):
        with ground.clone(ground.organizations_template()) as database:
            bare = _jobs(ground, database, sizes.mails, concurrency)
        for each, rounds in ((1, single), (_QUESTIONS, many)):
            with ground.clone(ground.invoices_template(sizes.mails * each, "due")) as database:
                ours, busy[each] = mail_all(ground, database, sizes.mails * each)
            rounds.append((ours, bare))
    return [
        Row.of_rounds(
            key,
            f"mails over SMTP, one worker process, {concurrency} at once, {what}",
            "mails/s",
            rounds,
            baseline_is=f"Procrastinate, jobs that do nothing, one process, {concurrency} at once, jobs/s",
            aim=aim,
            evidence=f"Processor time of each mail: {busy[each]}.",
        )
        for key, what, each, rounds, aim in (
            ("mails_single", "one question in each", 1, single, _AIM),
            ("mails_many", f"{_QUESTIONS} questions in each", _QUESTIONS, many, None),
        )
    ]


def mail_all(ground: Ground, database: Database, questions: int) -> tuple[float, str]:
    """Let a worker mail so many due check-ins: mails per second, and who was how busy for each mail."""
    port = free_port()
    environment = smtp_environment(ground, database, port)
    with (
        running("bench.peers.sink", environment=environment, folder=ground.folder) as sink,
        database.session() as session,
    ):
        sink.wait_for_port(port)
        with running("app.cli", "worker", environment=environment, folder=ground.folder) as worker:
            worker.wait_for_text("worker_started")
            meter = Meter(worker=worker.process, PostgreSQL=ground.postmaster, sink=sink.process)
            deadline = time.monotonic() + _PATIENCE
            while (found := session.execute(_SENT).fetchone() or (0, 0, 0.0))[0] < questions:
                worker.check()
                if time.monotonic() > deadline:
                    message = (
                        f"{found[0]} of {questions} questions after {_PATIENCE} s\n{worker.output()[-2000:]}"
                    )
                    raise RuntimeError(message)
                time.sleep(0.2)
            _, mails, seconds = found
            return mails / seconds, meter.each(mails)


def _jobs(ground: Ground, database: Database, count: int, concurrency: int) -> float:
    environment = {"DATABASE_URL": database.conninfo("rubis_worker")}
    arguments = (str(count), str(concurrency))
    with running(
        "bench.peers.noop_jobs", *arguments, environment=environment, folder=ground.folder
    ) as program:
        program.wait(_PATIENCE)
        return (count - 1) / float(program.output().splitlines()[-1])


def smtp_environment(ground: Ground, database: Database, port: int) -> dict[str, str]:
    """The variables of a worker that mails to the sink."""
    return database.environment(
        ground.folder,
        MAIL_DRIVER="smtp",
        SMTP_HOST="127.0.0.1",
        SMTP_PORT=str(port),
        APP_URL="https://rubis.example",
    )
