"""Hypothesis state machines over the real database.

`RUBIS_SEED=n` plays the same again (the seed is printed with a failure), `RUBIS_EXAMPLES=n` plays so many
stories, `RUBIS_SHRINK=1` looks for the shortest one that fails.
"""

import os
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def play(machine: type[RuleBasedStateMachine], *, seed: int, min_steps: int, **given: Any) -> None:
    """Play the rules of a machine in any order, each story on an instance that has what is given.

    `seed` is the one of `make test`; a story has at least `min_steps` steps.
    """
    chosen = int(os.environ.get("RUBIS_SEED", str(seed)))
    how = settings(
        max_examples=int(os.environ.get("RUBIS_EXAMPLES", "40")),
        stateful_step_count=40,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, *([Phase.shrink] if "RUBIS_SHRINK" in os.environ else [])],
    )
    bound = hypothesis.seed(chosen)(type("BoundMachine", (machine,), given))
    try:
        run_state_machine_as_test(bound, settings=how, _min_steps=min_steps)
    except BaseException:
        print(f"RUBIS_SEED={chosen}")  # noqa: T201
        raise
