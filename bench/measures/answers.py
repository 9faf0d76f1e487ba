"""Clicks per second of `api.answer_checkin` itself, without HTTP, beside pgbench's own simple update.

And beside the same rows written by hand, without any rule: the most that leaner functions could give.
"""

from bench import loading, pgbench, profile
from bench.ground import Database, Ground
from bench.results import Row
from bench.sizes import Sizes

# Each click is a first one: a client walks its own range of numbers, which permute strews over the tables.
_NEXT = """
\\set n :n + 1
\\set k 1 + permute(:start + :client_id * :each + :n - 1, :mails, 42)
"""
_OURS = "select outcome from api.answer_checkin(sha256(lpad((:k)::text, 43, '0')::bytea), 'paid', 'bench');"
_BY_HAND = "select api.click_by_hand(sha256(lpad((:k)::text, 43, '0')::bytea));"
_AIM = 0.35
_PROFILED = 2  # clients


class _Clicker:
    """Knows which mails have been clicked, and checks that every click counted."""

    def __init__(self, database: Database, ground: Ground, mails: int, call: str) -> None:
        self._database = database
        self._call = call
        self._ground = ground
        self._mails = mails
        self._clicked = 0

    def click(self, clients: int, count: int) -> float:
        """So many first clicks; how many per second."""
        rate = pgbench.custom(
            self._database.conninfo("rubis_api"),
            _NEXT + self._call,
            clients,
            count,
            self._ground.folder,
            n=0,
            start=self._clicked,
            mails=self._mails,
        )
        self._clicked += count // clients * clients
        with self._database.session() as session:
            paid = session.execute("select count(*) from rubis.invoice where status = 'paid'").fetchone()
        if paid != (self._clicked,):
            message = f"{self._clicked} first clicks, but {paid} invoices are paid"
            raise RuntimeError(message)
        return rate


def measure(ground: Ground, sizes: Sizes) -> list[Row]:
    """Two rows per number of clients. The first round of each side is not counted: it warms up."""
    most = max(sizes.answers.values())
    mails = (sizes.rounds + 1) * sum(sizes.answers.values()) + most
    rows: list[Row] = []
    template = ground.invoices_template(mails, "asked")
    with (
        ground.clone(template, "answers") as ours,
        ground.clone(template, "by_hand") as bare,
        ground.empty("simple_update") as theirs,
    ):
        with bare.session() as session:
            loading.run(session, "click_by_hand")
        pgbench.initialize(theirs.conninfo(), mails)
        clicker = _Clicker(ours, ground, mails, _OURS)
        by_hand = _Clicker(bare, ground, mails, _BY_HAND)
        for clients, count in sizes.answers.items():
            rounds, limits = [], []
            for _ in range(sizes.rounds + 1):
                baseline = pgbench.simple_update(theirs.conninfo(), clients, count)
                rounds.append((clicker.click(clients, count), baseline))
                limits.append((by_hand.click(clients, count), baseline))
            rows += [_row("answers", "answers", clients, rounds[1:], _AIM)]
            rows += [
                _row("answers_by_hand", "the same rows by hand, no rule asked,", clients, limits[1:], None)
            ]
        with ours.session() as session:
            profile.count_functions(session, "rubis_api")
            clicker.click(_PROFILED, most)
            profile.stop_counting(session, "rubis_api")
        evidence = f"Self time: {profile.self_times(ours)}."
    return [row if row.aim is None else Row(**{**vars(row), "evidence": evidence}) for row in rows]


def _row(key: str, what: str, clients: int, rounds: list[tuple[float, float]], aim: float | None) -> Row:
    return Row.of_rounds(
        f"{key}_{clients}",
        f"{what} through pgbench, {clients} client{'s'[: clients > 1]}",
        "answers/s",
        rounds,
        baseline_is="pgbench simple-update, transactions/s",
        aim=aim,
    )
