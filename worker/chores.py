"""What a worker does beside its ticks: it fills the calendar, and forgets what is kept no longer."""

from app.core.database import Database
from worker.calendar import fill_calendar

_PRUNES = (
    "worker.prune_tokens",
    "worker.prune_letters",
    "worker.prune_heartbeats",
    "worker.prune_outages",
    "worker.prune_rate_limits",
)
# These pass over what still has to stay, so each piece begins where the last one ended.
_SWEEPS = ("worker.prune_tries", "worker.prune_notices", "worker.prune_clicks")
_PIECES = 10


class Chores:
    """The chores of one worker. `kept_days` is how long the details of a settled invoice stay."""

    def __init__(self, database: Database, kept_days: int) -> None:
        self._database = database
        self._kept_days = kept_days
        self._places: dict[str, str | None] = dict.fromkeys(_SWEEPS)

    async def run(self) -> None:
        """Do each chore once, a sweep in at most ten pieces of a thousand rows."""
        # First: without its calendar no relance leaves.
        await fill_calendar(self._database)
        for prune in _PRUNES:
            await self._database.call(prune)
        for sweep in _SWEEPS:
            for _ in range(_PIECES):
                piece = await self._database.call(sweep, kept_days=self._kept_days, after=self._places[sweep])
                self._places[sweep] = piece["after"]
                if piece["after"] is None:
                    break
