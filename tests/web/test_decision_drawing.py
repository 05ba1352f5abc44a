"""What the decision page draws and says beside the sentences: map, bars, who else had goods."""

import random
from dataclasses import replace

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from app.messages import verdicts
from app.web.backoffice import decisions, route_map
from fulfilment.routing import Line, decide
from tests.fulfilment.routing_world import (
    FRIDAY,
    HOOKS,
    LURES,
    bonn,
    koeln,
    lager,
    problem,
    store,
)

TITLES = {"hooks": "Haken", "lures": "Gummiköder"}
HOME = (50.36, 7.59)


@pytest.fixture(autouse=True)
def _german():
    app = Flask("drawing")
    app.config["BABEL_DEFAULT_LOCALE"] = "de"
    Babel(app)
    with app.test_request_context(), force_locale("de"):
        yield


def boxes(drawing):
    """The boxes of the names on a map, as a reader sees them: left, top, right, bottom."""
    found = []
    for spot in [*drawing.spots, drawing.home]:
        if not spot.label:
            continue
        wide = 6.4 * len(spot.label)
        left = spot.label_x - {"start": 0, "middle": wide / 2, "end": wide}[spot.anchor]
        found.append((left, spot.label_y - 12, left + wide, spot.label_y + 2, spot.label))
    return found


@pytest.mark.parametrize("count", [1, 3, 60])
def test_names_on_the_map_never_cover_one_another(count):
    chance = random.Random(count)
    places = [
        (f"Filiale {n}", chance.uniform(48, 54), chance.uniform(6.5, 13.5), state)
        for n, state in enumerate(["sends"] * 4 + ["short"] * 56)
    ][:count]
    drawing = route_map.draw(HOME, "Koblenz", places)
    seen = boxes(drawing)
    assert any(box[4] == "Koblenz" for box in seen)
    for number, one in enumerate(seen):
        assert one[0] >= 0
        assert one[2] <= route_map.WIDTH
        for other in seen[number + 1 :]:
            apart = (
                one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            )
            assert apart, (one, other)  # fmt: skip
    assert len(drawing.routes) == min(count, 4)
    assert len(drawing.spots) == count


def test_a_sender_at_the_customers_door_is_drawn_as_well():
    drawing = route_map.draw(HOME, "Koblenz", [("Koblenz", *HOME, "sends")])
    assert drawing.home.x == drawing.spots[0].x
    assert len(drawing.routes) == 1


def test_the_parts_of_a_bar_fill_it_in_their_order():
    decision = decide(problem(lager(lures=9), koeln(hooks=1), bonn(hooks=5)))
    chosen, *rivals = decisions.bars(decision)
    longest = max(bar.total_minor for bar in (chosen, *rivals))
    for bar in (chosen, *rivals):
        assert sum(part.amount_minor for part in bar.segments) == bar.total_minor
        width = sum(part.width for part in bar.segments)
        assert width == pytest.approx(100 * bar.total_minor / longest, abs=0.05)
        for part, following in zip(bar.segments, bar.segments[1:], strict=False):
            assert following.start == pytest.approx(part.start + part.width, abs=0.02)
    assert [part.name for part in chosen.segments] == ["parcels", "handling", "split", "late"]
    assert chosen.words == ""


def test_units_that_nobody_sends_are_said_and_not_drawn():
    decision = decide(problem(lager(hooks=1, lures=9)))
    (chosen,) = decisions.bars(decision)[:1]
    assert decision.cost.short > 0
    assert chosen.total_minor == decision.cost.total - decision.cost.short


def test_a_plan_is_compared_by_what_more_it_would_lack():
    rod = Line("rod", "ROD", 1, 900, "bulky")
    given = problem(lager(hooks=3), bonn(hooks=2, ROD=2), lines=[HOOKS, rod])
    decision = decide(given)
    # Neither of both sends the rod: what it costs to leave it out is no difference between them.
    assert decision.unfilled == {"rod": 1}
    assert [bar.words.replace("\xa0", " ") for bar in decisions.bars(decision)] == [
        "",
        "1,76 € teurer",
    ]
    rows = {row.location: row for row in verdicts.standings(decision, TITLES)}
    assert rows["bonn"].words.replace("\xa0", " ") == "ginge: 1,76 € teurer"
    # Who has too few is no cheaper way to send it.
    all_of_it = decide(problem(lager(hooks=9), bonn(hooks=1), lines=[HOOKS]))
    rows = {row.location: row for row in verdicts.standings(all_of_it, TITLES)}
    assert rows["bonn"].words == "hat zu wenig"
    assert verdicts.certainty(decision) == ("ok", "bewiesen: kein Plan ist besser")
    assert verdicts.certainty(all_of_it) == ("ok", "bewiesen: kein Plan ist günstiger")


def test_a_plan_that_was_compared_with_none_calls_nobody_dearer():
    chosen = replace(decide(problem(lager(hooks=9), bonn(hooks=9), lines=[HOOKS])), alternatives=())
    rows = {row.location: row.words for row in verdicts.standings(chosen, TITLES)}
    assert rows == {"lager": "schickt", "bonn": "ginge auch"}


def test_what_is_collected_is_laid_out_and_not_sent():
    decision = decide(problem(bonn(hooks=2, lures=1), collect_at="bonn"))
    assert [row.words for row in verdicts.standings(decision, TITLES)] == ["legt bereit"]


def test_everybody_stands_where_they_stood():
    three = replace(HOOKS, quantity=3)
    decision = decide(problem(lager(lures=9), koeln(hooks=2), bonn(hooks=5), lines=[three, LURES]))
    rows = {row.location: row for row in verdicts.standings(decision, TITLES)}
    assert [row.state for row in rows.values()][:2] == ["sends", "sends"]
    assert rows["bonn"].words == "schickt"
    assert [(s.title, s.free, s.wanted, s.sends) for s in rows["bonn"].stock] == [
        ("Haken", 5, 3, 3),
        ("Gummiköder", 0, 1, 0),
    ]
    assert rows["koeln"].state in {"short", "possible", "barred"}
    assert (rows["koeln"].stock[0].free, rows["koeln"].stock[0].wanted) == (2, 3)


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        ({"groups": frozenset()}, "barred", "verschickt solche Ware nicht"),
        ({"latitude": 10.0}, "barred", "kein Paketdienst von dort an diese Adresse"),
        ({"capacity": (0,)}, "barred", "ist voll, nimmt keine Pakete mehr an"),
        ({"available": {}}, "empty", "hat nichts davon frei"),
    ],
)
def test_every_rule_has_its_words(change, state, words):
    barred = replace(bonn(hooks=2), **change)
    decision = decide(problem(lager(), koeln(hooks=2), barred, lines=[HOOKS]))
    row = next(row for row in verdicts.standings(decision, TITLES) if row.location == "bonn")
    assert (row.state, row.words) == (state, words)


def test_a_passed_pick_up_is_told_with_the_day_it_costs():
    hard = problem(lager(), koeln(hooks=9), bonn(hooks=5), lines=[HOOKS], need_by_on=FRIDAY)
    rows = {row.location: row for row in verdicts.standings(decide(hard), TITLES)}
    assert rows["koeln"].words == "Abholung um 12 Uhr war vorbei, käme am Samstag, 28.11."


def test_a_sender_beyond_the_nearest_is_there_all_the_same():
    near = [store(f"laden-{n:02}", 50.30 + n / 1000, 7.6, 16, {LURES.sku: 1}) for n in range(40)]
    far = store("kiel", 54.32, 10.13, 16, {HOOKS.sku: 5})
    decision = decide(problem(*near, far, lines=[HOOKS]))
    # Decisions of before told the stock of the nearest only, whoever sent.
    told = {place: units for place, units in decision.stock.items() if place != "kiel"}
    rows = verdicts.standings(replace(decision, stock=told), TITLES)
    assert (rows[0].location, rows[0].state) == ("kiel", "sends")
    assert [(one.free, one.sends) for one in rows[0].stock] == [(None, 2)]
    assert [row.state for row in rows[1:]] == ["empty"] * len(told)


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ((120, 1, 0), "1,20 € teurer, einen Tag später"),
        ((-250, -2, 0), "2,50 € günstiger, 2 Tage früher"),
        ((0, 0, 0), "gleich teuer, gleich schnell"),
        ((0, 0, 2), "2 Stück fehlen"),
    ],
)
def test_a_plan_lost_by_what_a_manager_would_say(differs, words):
    assert verdicts.difference_of(*differs).replace("\xa0", " ") == words
