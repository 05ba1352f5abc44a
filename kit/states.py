"""States as a declared graph: a row moves along an edge that was written down, or not at all."""

from collections.abc import Mapping

from kit.errors import Refused


class States:
    """The allowed moves of one kind of row.

    Args:
        noun: what has the state, for the error's code, e.g. ``"order"``.
        moves: from each state, the states that may follow; a state without entry is final.
    """

    def __init__(self, noun: str, moves: Mapping[str, frozenset[str] | set[str]]) -> None:
        self.noun = noun
        self.moves = {state: frozenset(following) for state, following in moves.items()}
        self.all = frozenset(self.moves) | frozenset[str]().union(*self.moves.values())

    def check(self, current: str, following: str) -> None:
        """Pass if `following` may come after `current`.

        Raises:
            Refused: ``<noun>_state`` with both states as facts.
        """
        if following not in self.moves.get(current, frozenset()):
            raise Refused(f"{self.noun}_state", state=current, wanted=following)

    def is_final(self, state: str) -> bool:
        """Tell whether nothing may follow `state`."""
        return not self.moves.get(state)
