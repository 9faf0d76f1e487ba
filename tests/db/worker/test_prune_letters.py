"""worker.prune_letters: the texts of letters go when they are kept no longer, in bounded pieces."""

from datetime import timedelta

from tests.support.cast import Cast
from tests.support.letters import calendar, pending, proven, send_letter


def texts(cast: Cast) -> int:
    """How many texts of letters are kept."""
    count: int = cast.session.value(
        "select count(*) from rubis.letter_text where organization_id = %s", [cast.organization_id]
    )
    return count


def test_texts_are_pruned_by_their_own_date_in_pieces(cast: Cast) -> None:
    """At most so many at once, the oldest first; a text keeps the days that were set when it left."""
    calendar(cast)
    proven(cast)
    cast.settings(letters_kept_days=30)
    for client in ("a", "b"):
        send_letter(cast, pending(cast, client_email=f"{client}@dupont.test"))
    cast.settings(letters_kept_days=3650)
    send_letter(cast, pending(cast, client_email="c@dupont.test"))
    first, second, _ = (
        row["kept_until"]
        for row in cast.session.rows("select kept_until from rubis.letter_text order by kept_until")
    )
    cast.clock.set(first - timedelta(seconds=1))
    assert cast.worker("prune_letters") == {"letter_texts": 0}
    assert texts(cast) == 3
    cast.clock.set(second)
    assert cast.worker("prune_letters", limit=1) == {"letter_texts": 1}
    assert texts(cast) == 2
    assert cast.worker("prune_letters", limit=2) == {"letter_texts": 1}
    assert texts(cast) == 1
