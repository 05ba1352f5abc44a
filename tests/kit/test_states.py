"""A row moves along an edge that was written down, or not at all."""

import pytest

from kit.errors import Refused
from kit.states import States

LAMP = States("lamp", {"off": {"on", "broken"}, "on": {"off", "broken"}})


@pytest.mark.parametrize(("current", "following"), [("off", "on"), ("on", "off"), ("on", "broken")])
def test_a_declared_move_passes(current, following):
    LAMP.check(current, following)


@pytest.mark.parametrize(
    ("current", "following"),
    [("off", "off"), ("broken", "on"), ("broken", "broken"), ("off", "dim"), ("dim", "on")],
)
def test_any_other_move_is_refused_with_both_states(current, following):
    with pytest.raises(Refused) as refusal:
        LAMP.check(current, following)
    assert refusal.value.code == "lamp_state"
    assert refusal.value.facts == {"state": current, "wanted": following}


def test_final_states_and_all_states_are_known():
    assert LAMP.all == {"off", "on", "broken"}
    assert [state for state in sorted(LAMP.all) if LAMP.is_final(state)] == ["broken"]
