"""What the worker counts: ticks, mails by kind and class, jobs that ended in an error."""

import time
from typing import get_args

from prometheus_client import Counter, Gauge, Histogram

from app.core.database import Database
from app.core.metrics import new_registry
from app.mail.errors import FailureClass
from app.mail.kinds import KINDS

QUEUES = ["checkins", "relances", "user_mails"]
MAIL_KINDS = tuple(KINDS)
_CLASSES = ("sent", *get_args(FailureClass))


class WorkerMetrics:
    """The worker's registry and what is counted in it."""

    def __init__(self, database: Database) -> None:
        self.registry = new_registry("worker", database)
        self.mails = Counter(
            "rubis_mails",
            "Mails by kind and by what became of them: sent, withdrawn, or the class of the failure.",
            ["kind", "class"],
            registry=self.registry,
        )
        self.sending = Histogram(
            "rubis_mail_duration_seconds",
            "How long the mail's server took to accept or refuse one.",
            ["kind"],
            buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
            registry=self.registry,
        )
        self.job_errors = Counter(
            "rubis_job_errors",
            "Jobs that ended in an error of ours; the row's lease brings the work back.",
            ["queue"],
            registry=self.registry,
        )
        self.ticks = Histogram(
            "rubis_tick_duration_seconds",
            "How long a tick took that succeeded.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self.registry,
        )
        self.tick_failures = Counter(
            "rubis_tick_failures", "Ticks, or the chores before one, that failed.", registry=self.registry
        )
        self.organization_failures = Counter(
            "rubis_organization_failures",
            "Ticks of one organization that failed; the others went on.",
            registry=self.registry,
        )
        self.moved = Counter(
            "rubis_tick_moved",
            "Rows that ticks queued, recovered from dead workers, or expired.",
            ["what"],
            registry=self.registry,
        )
        self._last_tick = time.monotonic()
        Gauge(
            "rubis_worker_tick_age_seconds",
            "How long ago this worker ticked; since its start if it has not yet.",
            registry=self.registry,
        ).set_function(lambda: time.monotonic() - self._last_tick)
        # Every series exists from the start, so that its first increase shows.
        for kind in MAIL_KINDS:
            self.sending.labels(kind)
            for outcome in _CLASSES:
                self.mails.labels(kind, outcome)
        for queue in QUEUES:
            self.job_errors.labels(queue)
        for what in ("queued", "recovered", "expired"):
            self.moved.labels(what)

    def mail(self, kind: str, outcome: str, seconds: float) -> None:
        """Count one mail: its kind, `sent`, `withdrawn` or its failure's class, and how long that took."""
        self.mails.labels(kind, outcome).inc()
        self.sending.labels(kind).observe(seconds)

    def tick(self, moved: dict[str, int], seconds: float) -> None:
        """Count one tick that succeeded; `moved` is what it queued, recovered and expired."""
        self._last_tick = time.monotonic()
        self.ticks.observe(seconds)
        for what, count in moved.items():
            self.moved.labels(what).inc(count)
