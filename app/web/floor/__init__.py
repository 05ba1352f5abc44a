"""The floor: pick, pack and hand over with a phone in one hand, in warehouse and store alike."""

from app.web.floor import (
    arriving,
    calls,
    collecting,
    counting,
    holds,
    jobs,
    leaving,
    mailing,
    packing,
    papers,
    refusing,
    steps,
    wave_pages,
)
from app.web.floor.room import blueprint

__all__ = [
    "arriving",
    "blueprint",
    "calls",
    "collecting",
    "counting",
    "holds",
    "jobs",
    "leaving",
    "mailing",
    "packing",
    "papers",
    "refusing",
    "steps",
    "wave_pages",
]
