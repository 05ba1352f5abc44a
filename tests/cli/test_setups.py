"""`flask routing setup …` and `flask routing what-if`: files, versions, a replay on the screen."""

import json

import pytest
from flask import Flask
from sqlalchemy import text

from app.cli import routing as routing_commands
from fulfilment import rules
from kit import clock
from kit.database import reading, transaction
from tests.fulfilment.setups import SETUP, open_shop
from tests.fulfilment.test_whatif import MONDAY, order, receive


@pytest.fixture
def run(database):
    """Run `flask routing …` in a shop that has decided two orders."""
    with clock.frozen(MONDAY), transaction() as session:
        open_shop(session)
        receive(session, "bonn", S0=2)
        receive(session, "lager", S0=2)
        order(session, "K-1", S0=1)
        order(session, "K-2", S0=1)
    flask = Flask("shop")
    for command in routing_commands.commands:
        flask.cli.add_command(command)
    with clock.frozen(MONDAY):
        yield lambda *words, **more: flask.test_cli_runner().invoke(
            args=["routing", *words], **more
        )


def exported(answer):
    return rules.from_json(json.loads(answer.output))


def test_a_setup_goes_out_and_comes_in_as_a_draft_and_is_published(run):
    assert exported(run("setup", "export")) == SETUP
    changed = rules.changed(SETUP, {"split_minor": 250, "locations.bonn.cut_off": "18:00"})
    document = json.dumps(rules.to_json(changed))
    answer = run("setup", "import", "-", input=document)
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.splitlines() == [
        "rules.split_minor: 190 → 250",
        'locations.bonn.cut_off: "16:00" → "18:00"',
        "2 changes",
    ]
    assert answer.stderr == ""
    assert exported(run("setup", "export")) == SETUP
    assert exported(run("setup", "export", "--draft")) == changed
    assert run("setup", "diff").output == answer.stdout
    published = run("setup", "publish", "--reason", "Kurier kommt später")
    assert published.output.splitlines()[-1] == "version 2 is in force"
    assert exported(run("setup", "export")) == changed
    assert exported(run("setup", "export", "--version", "1")) == SETUP
    assert run("setup", "versions").output.splitlines() == [
        "   2  2026-11-23 09:00+01:00  command line: Kurier kommt später",
        "   1  2026-11-23 09:00+01:00  kontor: first",
    ]
    assert run("setup", "restore", "1").output.splitlines()[-1] == "2 changes"
    run("setup", "publish", "--reason", "zurück")
    assert exported(run("setup", "export")) == SETUP
    assert run("setup", "versions").output.splitlines()[0].endswith("zurück (again 1)")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("no", "is no JSON"),
        ("{}", "rules: setup_field_missing"),
        (json.dumps(rules.to_json(rules.changed(SETUP, {"max_parcels": 0}))),
         "rules.max_parcels: out_of_range: value 0, least 1, most 100, unit parcels"),
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_refused_in_words(run, document, said):
    answer = run("setup", "import", "-", input=document)
    assert answer.exit_code == 1
    assert said in answer.output
    with reading() as session:
        assert not rules.draft_of(session).is_open


def test_publishing_without_a_draft_is_refused(run):
    answer = run("setup", "publish", "--reason", "weil")
    assert (answer.exit_code, answer.stderr) == (1, "Error: draft_missing()\n")


def test_what_if_prints_both_and_changes_nothing(run):
    with reading() as session:
        before = session.execute(text("SELECT * FROM stock_balances ORDER BY location")).all()
    answer = run(
        "what-if", "--since", "2026-11-23", "--until", "2026-11-24",
        "--set", "locations.bonn.handling_line_minor=700",
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    lines = answer.stdout.splitlines()
    assert lines[0] == "locations.bonn.handling_line_minor: 70 → 700"
    assert "  parcels                       6.90            6.90            7.80" in lines
    assert "cost                            8.80           21.40           11.74" in lines
    assert "late days                          0               0               2" in lines
    assert "2 orders, 2 sent otherwise, 0 forced to" in lines
    assert "  K-1       1.47  bonn → lager" in lines
    with reading() as session:
        after = session.execute(text("SELECT * FROM stock_balances ORDER BY location")).all()
        assert after == before
        assert rules.read(session) == SETUP


def test_what_if_speaks_json_of_a_draft(run):
    with transaction() as session:
        dear = rules.changed(SETUP, {"locations.bonn.handling_line_minor": 700})
        rules.save_draft(session, "staff:petra", dear, 0)
    answer = run("what-if", "--since", "2026-11-23", "--until", "2026-11-24", "--draft", "--json")
    sums = json.loads(answer.stdout)
    assert (sums["orders"], sums["changed"]) == (2, 2)
    assert sums["replayed"]["cost"]["total_minor"] == 1174


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--since", "gestern"], "gestern is no day or instant"),
        (["--set", "split=1"], "split: setup_field_unknown"),
        (["--set", "split_minor=-1"], "rules.split_minor: out_of_range"),
        (["--set", "split_minor"], "assignment_malformed"),
    ],
)
def test_what_if_says_what_it_does_not_understand(run, words, said):
    answer = run("what-if", *words)
    assert answer.exit_code in {1, 2}
    assert said in answer.output
