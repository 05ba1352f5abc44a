"""The first house: every table of the first release."""

from alembic import op

from migrations.run import rows

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    rows().create_all(op.get_bind())


def downgrade() -> None:
    rows().drop_all(op.get_bind())
