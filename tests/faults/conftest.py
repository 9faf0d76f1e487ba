"""Fixtures of `make faults`: how much to do, the seed, and the figures told at the end.

FAULTS_SHORT=1 does the same with less of everything; FAULTS_SEED makes other choices.
"""

import os
import random
import time

import pytest

_FIGURES = pytest.StashKey[list[tuple[str, str]]]()


class Scale:
    """How much a scenario does."""

    def __init__(self, *, short: bool) -> None:
        self.short = short

    def __call__(self, whole: int, short: int) -> int:
        """The one or the other."""
        return short if self.short else whole


class Figures:
    """What a scenario has counted, for the table at the end."""

    def __init__(self, name: str, told: list[tuple[str, str]]) -> None:
        self._name = name
        self._told = told
        self._began_at = time.monotonic()

    def tell(self, **figures: object) -> None:
        """Add a row to the table."""
        took = time.monotonic() - self._began_at
        words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())
        self._told.append((self._name, f"{words} ({took:.0f} s)"))


def pytest_configure(config: pytest.Config) -> None:
    """Where the figures are kept."""
    config.stash[_FIGURES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the figures, as docs/faults.md has them."""
    figures = config.stash[_FIGURES]
    if figures:
        terminalreporter.section(f"faults, seed {_seed()}")
        for name, words in figures:
            terminalreporter.write_line(f"| {name} | {words} |")


@pytest.fixture(scope="session")
def scale() -> Scale:
    """Whole, or short with FAULTS_SHORT."""
    return Scale(short=bool(os.environ.get("FAULTS_SHORT")))


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """All chance of a test: the same in every run with the same FAULTS_SEED."""
    print(f"FAULTS_SEED={_seed()}")  # noqa: T201  shown when the test fails
    return random.Random(f"{_seed()} {request.node.name}")


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """This test's row of the table."""
    return Figures(request.node.name.removeprefix("test_").replace("_", " "), request.config.stash[_FIGURES])


def _seed() -> str:
    return os.environ.get("FAULTS_SEED", "1")
