"""`rubis demo`: the whole flow on an embedded database of its own, to look at or, with --once, to prove."""

import shutil

from app.core.settings import Settings
from app.demo.narration import DemoError
from app.demo.proof import prove
from app.demo.show import show
from app.demo.stack import running_stack
from app.demo.stage import Stage
from app.postgres import embedded


def run(settings: Settings, *, once: bool) -> None:
    """Start everything on a fresh data directory and show the flow.

    Without `once` it stays up until Ctrl-C, telling what happens as links are clicked. With it, it clicks
    itself, and raises DemoError at the first thing that is not as it should be. It moves its own rows in
    time, and its database's clock, so it runs on an embedded database only: DATABASE_URL or PG_HOST is an
    error.
    """
    if not settings.embedded:
        raise DemoError(
            "the demonstration moves rows in time, so it runs on its own embedded database only:\n"
            "unset DATABASE_URL and PG_HOST"
        )
    data_dir = settings.rubis_data_dir / "demo"
    if embedded.is_running(data_dir):
        raise DemoError(f"a demonstration is already running on {data_dir}")
    shutil.rmtree(data_dir, ignore_errors=True)
    stage = Stage(settings.model_copy(update={"rubis_data_dir": data_dir}))
    with running_stack(stage.settings, stage.user.http):
        if once:
            prove(stage)
        else:
            show(stage)
