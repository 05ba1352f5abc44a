"""What a listener is, and the register that `app.subscribers` fills at start."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kit.events import Event


@dataclass(frozen=True)
class Handler:
    """One listener; exactly one of the two functions is set."""

    name: str
    inside: Callable[[Session, Any], None] | None = None
    outside: Callable[[Any], None] | None = None

    def within(self, session: Session, event: Event) -> None:
        """Run an inside handler.

        Raises:
            RuntimeError: it calls the outside world, which no open transaction may wait for.
        """
        if self.inside is None:
            raise RuntimeError(f"{self.name} calls the outside world")
        self.inside(session, event)


_handlers: dict[type[Event], Sequence[Handler]] = {}
_known: dict[str, type[Event]] = {}


def register(handlers: Mapping[type[Event], Sequence[Handler]]) -> None:
    """Take over who listens to what; replaces what was registered before."""
    _handlers.clear()
    _handlers.update(handlers)
    _known.clear()
    _known.update({event.__name__: event for event in handlers})


def of(event: Event) -> Sequence[Handler]:
    """Return who listens to an event.

    Raises:
        KeyError: nobody has ever heard of such an event.
    """
    return _handlers[type(event)]


def load(name: str, payload: dict[str, Any]) -> Event:
    """Rebuild a stored event.

    Raises:
        KeyError: as `of`.
    """
    return _known[name].load(payload)
