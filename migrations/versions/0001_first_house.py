"""The first house: every table of the first release, frozen as SQL beside this file."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables as they were on the day of the release, whatever the models say since."""
    # By the driver itself: the file is SQL as PostgreSQL reads it, without bound parameters.
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)


def downgrade() -> None:
    """There is nothing before the first house; drop the database instead."""
    raise NotImplementedError("the first revision has nothing to go back to")
