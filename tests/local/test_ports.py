import json
import socket

import pytest

from local import ports


@pytest.fixture
def taken():
    """A port on which somebody else listens."""
    with socket.socket() as other:
        other.bind((ports.HOST, 0))
        other.listen()
        yield other.getsockname()[1]


def test_the_usual_port_is_taken_where_it_is_free(tmp_path):
    usual = ports.any_free()
    assert ports.choose({"web": usual}, tmp_path / "ports.json") == {"web": usual}


def test_a_taken_port_is_left_alone_and_the_choice_is_stable(tmp_path, taken):
    memory = tmp_path / "ports.json"
    first = ports.choose({"web": taken}, memory)
    assert first["web"] != taken
    assert ports.is_free(first["web"])
    assert ports.choose({"web": taken}, memory) == first
    assert json.loads(memory.read_text()) == first


def test_two_names_never_get_one_port(tmp_path):
    usual = ports.any_free()
    chosen = ports.choose({"web": usual, "mail": usual, "smtp": usual}, tmp_path / "ports.json")
    assert len(set(chosen.values())) == 3


def test_the_last_port_is_given_up_once_somebody_else_has_it(tmp_path, taken):
    memory = tmp_path / "ports.json"
    memory.write_text(json.dumps({"web": taken}))
    usual = ports.any_free()
    assert ports.choose({"web": usual}, memory) == {"web": usual}


def test_a_taken_port_is_not_free(taken):
    assert not ports.is_free(taken)
