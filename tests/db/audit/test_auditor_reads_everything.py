"""The auditor's own session, with no privilege on any table."""

from tests.support.cast import Cast


def test_every_view_can_be_read(cast: Cast) -> None:
    """While something is ahead, asked and held: each view of audit answers its one reader."""
    cast.invoice()
    cast.sending(cast.invoice())
    views = [
        row["relname"]
        for row in cast.session.rows(
            "select relname from pg_class where relnamespace = 'audit'::regnamespace and relkind = 'v'"
        )
    ]
    assert len(views) > 40
    with cast.session.acting_as("rubis_auditor"):
        for view in views:
            cast.session.rows(f"select * from audit.{view}")
        assert len(cast.session.rows("select * from audit.relance_verdict")) == 2
