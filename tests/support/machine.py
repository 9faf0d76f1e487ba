"""Hypothesis state machines over the real database.

`RUBIS_STEPS=n` plays at least so many steps, `RUBIS_SEED=n` plays the same again (a failure and a long run
print theirs), `RUBIS_SHRINK=1` looks for the shortest story that fails.
"""

import itertools
import os
import time
from typing import Any

import hypothesis
import psycopg
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from psycopg.conninfo import make_conninfo

from tests.support.cast import Cast

STORIES = 10
"""In a round. Each round has a seed of its own, so a failure is found again without the rounds before it."""


def play(
    machine: type[RuleBasedStateMachine],
    *,
    seed: int,
    steps: int,
    min_steps: int,
    cast: Cast,
    **given: Any,
) -> None:
    """Play the rules of a machine in any order, each story on an instance that has what is given.

    `seed` and `steps` are those of `make test`; a story has at least `min_steps` steps, and its invariants
    are checked after each.
    """
    first = int(os.environ.get("RUBIS_SEED", str(seed)))
    wanted = int(os.environ.get("RUBIS_STEPS", str(steps)))
    is_long = "RUBIS_STEPS" in os.environ
    how = settings(
        max_examples=STORIES,
        stateful_step_count=40,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, *([Phase.shrink] if "RUBIS_SHRINK" in os.environ else [])],
    )
    played = 0
    began = time.monotonic()

    def check_invariants(self: Any, *context: Any) -> None:
        """Count the step."""
        nonlocal played
        played += 1
        machine.check_invariants(self, *context)

    given |= {"cast": cast, "check_invariants": check_invariants}
    for chosen in itertools.count(first):
        if played >= wanted:
            break
        bound = hypothesis.seed(chosen)(type("BoundMachine", (machine,), given))
        try:
            run_state_machine_as_test(bound, settings=how, _min_steps=min_steps)
        except BaseException:
            print(f"after {played} steps: RUBIS_SEED={chosen}")  # noqa: T201
            raise
        if is_long:
            _vacuum(cast)
    if is_long:
        print(f"{played} steps from RUBIS_SEED={first} in {time.monotonic() - began:.0f} s")  # noqa: T201


def _vacuum(cast: Cast) -> None:
    """Clear away the rows of the stories that were rolled back: with thousands each step takes longer."""
    conninfo = make_conninfo(**cast.session.connection.info.get_parameters())
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("vacuum (skip_locked, truncate false)")  # to truncate waits for the open story
