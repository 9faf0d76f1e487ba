"""How much is measured: the full run for the record, a quick one for development, the smallest for tests."""

from dataclasses import dataclass

SMALLEST_GROWTH = 10_000


@dataclass(frozen=True)
class Sizes:
    """Counts are per round unless said otherwise; `rounds` is of each side."""

    name: str
    durable: bool
    """Whether the server keeps its durable defaults. Without them a run only shows that the measures work."""
    rounds: int
    organizations: int
    answers: dict[int, int]
    """How many clicks through pgbench, by number of clients."""
    http_connections: int
    http_requests: int
    own_invoices: int
    """Of the organization whose pages are looked at, beside as many of others as growth ends at."""
    page_requests: int
    bulk: int
    mails: int
    """To as many users: no more than organizations, each of which has one."""
    light_mails: int
    light_spacing: float
    """Seconds between two check-ins that fall due, under light load."""
    growth: tuple[int, ...]
    """Open invoices, smallest first."""
    growth_calls: int
    idle_seconds: int
    lives: int


def full(size: int) -> Sizes:
    """The run whose results are kept; growth goes in steps of ten up to `size` open invoices."""
    return Sizes(
        name="full",
        durable=True,
        rounds=3,
        organizations=1000,
        answers={1: 4000, 4: 8000, 16: 12000},
        http_connections=16,
        http_requests=3000,
        own_invoices=10_000,
        page_requests=300,
        bulk=100_000,
        mails=1000,
        light_mails=200,
        light_spacing=0.2,
        growth=_steps(SMALLEST_GROWTH, size),
        growth_calls=200,
        idle_seconds=60,
        lives=2000,
    )


def quick(size: int) -> Sizes:
    """Some minutes, for development: the orders of magnitude are right, the last digits are not."""
    return Sizes(
        name="quick",
        durable=True,
        rounds=3,
        organizations=1000,
        answers={1: 1000, 4: 2000, 16: 4000},
        http_connections=16,
        http_requests=1500,
        own_invoices=10_000,
        page_requests=100,
        bulk=20_000,
        mails=800,
        light_mails=60,
        light_spacing=0.2,
        growth=_steps(SMALLEST_GROWTH, min(size, 100_000)),
        growth_calls=100,
        idle_seconds=20,
        lives=300,
    )


def smallest() -> Sizes:
    """Seconds, for tests: every measure runs, and no number means anything."""
    return Sizes(
        name="smallest",
        durable=False,
        rounds=1,
        organizations=10,
        answers={1: 10, 2: 20},
        http_connections=4,
        http_requests=20,
        own_invoices=200,
        page_requests=3,
        bulk=100,
        mails=10,
        light_mails=5,
        light_spacing=0.1,
        growth=(1200, 2400),
        growth_calls=5,
        idle_seconds=2,
        lives=5,
    )


def _steps(first: int, last: int) -> tuple[int, ...]:
    """First, then ten times as many each, and always the last."""
    sizes = [first]
    while sizes[-1] * 10 < last:
        sizes.append(sizes[-1] * 10)
    return (*sizes, last) if last > first else (first,)
