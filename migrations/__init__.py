"""How the database came to its shape, step by step, and who may do what with it."""

import logging

# One line for all revisions is enough, and nobody needs to know what alembic is made of. Here, not
# beside its import: it tells of its plugins while it is loaded.
logging.getLogger("alembic").setLevel(logging.WARNING)
