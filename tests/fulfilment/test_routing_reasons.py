"""The decision in words, as a store manager reads it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import Babel, force_locale

from app.messages.reasons import explain, parts
from fulfilment.routing import Line, decide
from tests.fulfilment.routing_world import (
    FRIDAY,
    HOOKS,
    LURES,
    THURSDAY,
    bonn,
    koeln,
    lager,
    problem,
    store,
)

NAMES = {"lager": "Lager Kassel", "bonn": "Bonn", "koeln": "Köln"}
TITLES = {"hooks": "Haken", "lures": "Gummiköder"}


ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "app" / "i18n" / "en" / "LC_MESSAGES" / "messages.po"


@pytest.fixture(autouse=True)
def _german(tmp_path):
    target = tmp_path / "en" / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(parents=True)
    with ENGLISH.open("rb") as source, target.open("wb") as compiled:
        write_mo(compiled, read_po(source, locale="en"))
    app = Flask("reasons")
    app.config["BABEL_DEFAULT_LOCALE"] = "de"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(tmp_path)
    Babel(app)
    with app.test_request_context(), force_locale("de"):
        yield


def said(decision):
    return [line.replace("\xa0", " ") for line in explain(decision, NAMES, TITLES)]


def test_the_split_after_the_short_pick_is_told_with_every_reason():
    three = replace(HOOKS, quantity=3)
    decision = decide(problem(lager(lures=9), koeln(hooks=2), bonn(hooks=5), lines=[three, LURES]))
    first, second, *rest = said(decision)
    assert first == "1 × Gummiköder aus Lager Kassel: ein Paket für 3,65 €, am Freitag, 27.11. da."
    assert second == (
        "3 × Haken aus Bonn: Lager Kassel hat 0 frei,"
        " Köln hat nur 2 frei und packt heute nur bis 12 Uhr;"
        " ein weiteres Paket kostet 4,80 €, dafür am Freitag, 27.11. da."
    )
    assert rest[-1] == "Kein Plan ist günstiger: bewiesen."


def test_one_location_with_everything_is_one_sentence():
    decision = decide(problem(lager(hooks=3, lures=1)))
    assert said(decision) == [
        "Alles aus Lager Kassel: ein Paket für 3,65 €, am Freitag, 27.11. da.",
        "Kein Plan ist günstiger: bewiesen.",
    ]


def test_a_passed_cut_off_and_the_day_it_costs():
    hard = problem(lager(), koeln(hooks=9), bonn(hooks=5), lines=[HOOKS], need_by_on=FRIDAY)
    assert said(decide(hard))[0] == (
        "2 × Haken aus Bonn: Lager Kassel hat 0 frei, Köln packt heute nur bis 12 Uhr und käme"
        " erst am Samstag, 28.11.; ein Paket für 4,80 €, am Freitag, 27.11. da."
    )
    soft = decide(replace(hard, need_by_on=None, promise_on=FRIDAY))
    assert said(soft)[0] == (
        "2 × Haken aus Bonn: Lager Kassel hat 0 frei, Köln packt heute nur bis 12 Uhr und käme"
        " einen Tag später; ein Paket für 4,80 €, am Freitag, 27.11. da."
    )
    assert "Köln: einen Tag später und 1,70 € ungünstiger (Verspätung)." in said(soft)


ROD = Line("rod", "ROD", 1, 900, "bulky")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            problem(lager(), bonn()),
            ["2 × Haken hat niemand frei.", "1 × Gummiköder hat niemand frei."],
        ),
        (
            problem(lager(hooks=1, lures=1), need_by_on=THURSDAY),
            ["1 × Haken hat niemand mehr frei."],
        ),
        (
            problem(lager(), koeln(hooks=2), lines=[HOOKS], need_by_on=THURSDAY),
            ["2 × Haken schickt niemand: Köln käme erst am Samstag, 28.11."],
        ),
        (
            problem(lager(), bonn(ROD=1), lines=[ROD]),
            ["1 × ROD schickt niemand: Bonn verschickt solche Ware nicht."],
        ),
        (
            problem(lager(lures=1), bonn(hooks=2), max_parcels=1),
            ["1 × Gummiköder schickt niemand: mehr Pakete oder Kosten lassen die Regeln nicht zu."],
        ),
        (
            problem(lager(), lines=[HOOKS], ship_complete=True),
            ["2 × Haken hat niemand frei."],
        ),
    ],
)
def test_what_nobody_sends_is_said_with_the_reason(given, words):
    decision = decide(given)
    titles = TITLES | {"rod": "ROD"}
    told = [line.replace("\xa0", " ") for line in parts(decision, NAMES, titles).unfilled]
    assert told == words
    assert said(decision)[-1] == "Kein Plan ist besser: bewiesen."


def test_a_day_that_is_missed_for_its_price_is_said():
    late = problem(koeln(hooks=9), lines=[HOOKS], need_by_on=THURSDAY, need_by_late_minor=300)
    assert said(decide(late)) == [
        "Alles aus Köln: ein Paket für 4,80 €, am Samstag, 28.11. da.",
        "Gebraucht wird es bis Donnerstag, 26.11.; das Letzte kommt am Samstag, 28.11.",
        "Kein Plan ist günstiger: bewiesen.",
    ]


def test_a_further_parcel_that_comes_later_is_no_gain_in_time():
    given = problem(lager(lures=1), koeln(hooks=2))
    assert said(decide(given))[1] == (
        "2 × Haken aus Köln: Lager Kassel hat 0 frei;"
        " ein weiteres Paket für 4,80 €, am Samstag, 28.11. da."
    )


def test_many_goods_are_counted_and_stored_decisions_read_the_same():
    lines = [Line(str(n), f"S{n}", 1, 100) for n in range(5)]
    source = lager(**{line.sku: 1 for line in lines}, hooks=0)
    away = store("bonn", 50.7362, 7.1002, 16, {HOOKS.sku: 2})
    decision = decide(problem(source, away, lines=[*lines, HOOKS]))
    sentences = said(decision)
    assert sentences[0].startswith("5 Artikel aus Lager Kassel: ein Paket für")
    assert said(decision.to_json()) == sentences


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"groups": frozenset()}, "Bonn verschickt solche Ware nicht"),
        ({"latitude": 10.0}, "von Bonn fährt niemand dorthin"),
        ({"capacity": (0,)}, "Bonn ist voll"),
    ],
)
def test_every_rule_has_words(change, words):
    barred = replace(bonn(hooks=2), **change)
    decision = decide(problem(lager(), koeln(hooks=2), barred, lines=[HOOKS]))
    assert words in said(decision)[0]


def test_of_a_large_network_a_few_reasons_are_said_and_the_rest_counted():
    near = [store(f"laden-{n:02}", 50.30 + n / 1000, 7.6, 16, {LURES.sku: 1}) for n in range(40)]
    far = store("kiel", 54.32, 10.13, 16, {HOOKS.sku: 5})
    decision = decide(problem(*near, far, lines=[HOOKS]))
    # Decisions of before told the stock of the thirty nearest only, whoever sent.
    nearest = {f"laden-{n:02}": {"hooks": 0} for n in range(10, 40)}
    sentence = said(replace(decision, stock=nearest))[0]
    assert sentence.startswith("2 × Haken aus kiel: laden-10 hat 0 frei, laden-11 hat 0 frei,")
    assert "laden-12 hat 0 frei, 27 weitere auch nicht; ein Paket für" in sentence


def test_it_reads_as_well_in_english():
    decision = decide(problem(lager(lures=9), koeln(hooks=1), bonn(hooks=5)))
    with force_locale("en"):
        sentences = said(decision)
    assert sentences[0].startswith("1 × Gummiköder from Lager Kassel: one parcel for €3.65, there ")
    assert sentences[1].startswith(
        "2 × Haken from Bonn: Lager Kassel has 0 free, Köln has only 1 free and packs for today"
        " only until 12; a further parcel costs €4.80, but is there "
    )
    assert sentences[-1] == "No plan is cheaper: proved."


def test_every_sentence_has_an_english_one_with_the_same_gaps():
    with ENGLISH.open("rb") as source:
        catalog = read_po(source, locale="en")
    names = ("reasons", "obstacles", "verdicts")
    code = "".join((ROOT / "app" / "messages" / f"{name}.py").read_text() for name in names)
    said_in_code = set(re.findall(r'gettext\(\s*"((?:[^"\\]|\\.)*)"', code))
    known = {m.id if isinstance(m.id, str) else m.id[0]: m for m in catalog if m.id}
    assert len(said_in_code) > 20
    for sentence in said_in_code:
        message = next(m for key, m in known.items() if key.startswith(sentence))
        originals = (message.id,) if isinstance(message.id, str) else message.id
        texts = (message.string,) if isinstance(message.string, str) else message.string
        for original, text in zip(originals, texts, strict=True):
            assert text
            gaps = set(re.findall(r"%\((\w+)\)s", original))
            assert set(re.findall(r"%\((\w+)\)s", text)) == gaps
