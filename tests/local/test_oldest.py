"""Which PostgreSQL is found, what is said where none is, and which parts `make soak` knows."""

import pytest

from local import debian, oldest, postgres, soak


def programs(folder):
    for name in ("postgres", "initdb"):
        (folder / name).touch(mode=0o755)
    return folder


def test_the_named_folder_is_taken(monkeypatch, tmp_path):
    monkeypatch.setenv("KONTOR_POSTGRES", str(programs(tmp_path)))
    assert postgres.find_binaries() == tmp_path
    assert oldest.find() == tmp_path


def test_a_named_folder_without_the_programs_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("KONTOR_POSTGRES", str(tmp_path))
    with pytest.raises(RuntimeError, match="holds no `postgres` and `initdb`"):
        postgres.find_binaries()
    assert oldest.find() is None


@pytest.mark.parametrize(("arguments", "code"), [([], 1), (["--where-possible"], 0)])
def test_where_there_is_none_it_says_so_in_one_line(monkeypatch, capsys, arguments, code):
    monkeypatch.delenv("KONTOR_POSTGRES", raising=False)
    monkeypatch.setattr(oldest, "PLACES", ())
    monkeypatch.setattr(debian, "may_install", lambda: False)
    assert oldest.main(arguments) == code
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "sudo apt install postgresql-15" in said
    assert ("was left out" in said) == (code == 0)


def test_an_unknown_part_of_the_soak_is_named(capsys):
    assert soak.main(["bank", "flod"]) == 2
    assert "no such part: flod" in capsys.readouterr().err
