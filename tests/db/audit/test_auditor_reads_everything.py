"""The auditor's own session, with no privilege on any table."""

from tests.support.story import Story


def test_every_view_can_be_read(story: Story) -> None:
    """While something is ahead, asked and held: each view of audit answers its one reader."""
    story.invoice()
    story.sending(story.invoice())
    views = [
        row["relname"]
        for row in story.session.rows(
            "select relname from pg_class where relnamespace = 'audit'::regnamespace and relkind = 'v'"
        )
    ]
    assert len(views) > 40
    with story.session.acting_as("rubis_auditor"):
        for view in views:
            story.session.rows(f"select * from audit.{view}")
        assert len(story.session.rows("select * from audit.relance_verdict")) == 2
