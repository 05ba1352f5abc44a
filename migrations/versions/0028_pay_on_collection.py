"""Orders that are paid when they are collected, what a store decides about them, their receipts."""

from pathlib import Path

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; see the file beside this one."""
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)


def downgrade() -> None:
    """The way back is the backup that was made before."""
    raise NotImplementedError("restore the backup of before instead")
