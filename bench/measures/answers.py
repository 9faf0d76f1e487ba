"""Clicks per second of `api.answer_checkin` itself, without HTTP, beside pgbench's own simple update."""

from bench import pgbench, profile
from bench.ground import Database, Ground
from bench.results import Row
from bench.sizes import Sizes

# Each click is a first one: a client walks its own range of numbers, which permute strews over the tables.
_SCRIPT = """
\\set n :n + 1
\\set k 1 + permute(:start + :client_id * :each + :n - 1, :mails, 42)
select outcome from api.answer_checkin(sha256(lpad((:k)::text, 43, '0')::bytea), 'paid', 'bench');
"""
_AIM = 0.35
_PROFILED = 2  # clients


class _Clicker:
    """Knows which mails have been clicked, and checks that every click counted."""

    def __init__(self, database: Database, ground: Ground, mails: int) -> None:
        self._database = database
        self._ground = ground
        self._mails = mails
        self._clicked = 0

    def click(self, clients: int, count: int) -> float:
        """So many first clicks; how many per second."""
        rate = pgbench.custom(
            self._database.conninfo("rubis_api"),
            _SCRIPT,
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
    """One row per number of clients. The first round of each side is not counted: it warms up."""
    most = max(sizes.answers.values())
    mails = (sizes.rounds + 1) * sum(sizes.answers.values()) + most
    rows = []
    template = ground.invoices_template(mails, "asked")
    with ground.clone(template, "answers") as ours, ground.empty("simple_update") as theirs:
        pgbench.initialize(theirs.conninfo(), mails)
        clicker = _Clicker(ours, ground, mails)
        for clients, count in sizes.answers.items():
            rounds = []
            for _ in range(sizes.rounds + 1):
                baseline = pgbench.simple_update(theirs.conninfo(), clients, count)
                rounds.append((clicker.click(clients, count), baseline))
            rows.append(
                Row.of_rounds(
                    f"answers_{clients}",
                    f"answers through pgbench, {clients} client{'s'[: clients > 1]}",
                    "answers/s",
                    rounds[1:],
                    baseline_is="pgbench simple-update, transactions/s",
                    aim=_AIM,
                )
            )
        with ours.session() as session:
            profile.count_functions(session, "rubis_api")
            clicker.click(_PROFILED, most)
            profile.stop_counting(session, "rubis_api")
        evidence = f"Self time: {profile.self_times(ours)}."
    return [Row(**{**vars(row), "evidence": evidence}) for row in rows]
