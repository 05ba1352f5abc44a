"""The floor: pick, pack and hand over with a phone in one hand, in warehouse and store alike."""

from app.web.floor import calls, holds, jobs, papers, refusing
from app.web.floor.room import blueprint

__all__ = ["blueprint", "calls", "holds", "jobs", "papers", "refusing"]
