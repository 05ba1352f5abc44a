"""How much a test under load does: little in `make test`, the whole in `make soak`."""

import os
import secrets

SOAK = os.environ.get("KONTOR_SOAK") == "1"
# What an actor decides comes from the seed; what happens in between, from the machine.
SEED = os.environ.get("KONTOR_SEED") or (secrets.token_hex(4) if SOAK else "2026")


def sized(bounded: int, whole: int) -> int:
    """Return how many: `bounded` in `make test`, `whole` in `make soak`."""
    return whole if SOAK else bounded
