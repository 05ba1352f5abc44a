"""The truth gate tried with lies: what is so passes, and every way of saying what is not so fails.

Every kind is written from a sample in which all is true; a lie changes one fact, in the letter or
in the books, and must be refused by the truth that is about it. Nothing here needs a database.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app import i18n
from app.i18n import formats
from app.legal.retailer import RETAILER
from app.messages import gate, letters, samples, writing
from app.messages.evidence import AddressSeen, HoldSeen, OrderSeen, PaperSeen
from app.messages.kinds import KINDS
from app.messages.letters import LineFact, ParcelFact
from app.messages.said import Said
from app.messages.truths import LARGEST_BYTES
from config import from_environment

ROOT = Path(__file__).parents[2]
LANGUAGES = ("de", "en")
WITH_PARCELS = ("order_confirmed", "shipped", "split", "changed", "later", "promise",
                "delivery_changed")  # fmt: skip


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """An application that can render mails, without servers."""
    environ = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "KONTOR_PUBLIC_URL": "http://shop.test",
        "KONTOR_SECRET_KEY": "signs nothing",
    }
    # Not the factory: it would connect this process to that database, and leave it there.
    application = Flask("app.factory")
    application.config.update(KONTOR=from_environment(environ), SECRET_KEY="signs nothing")
    i18n.init_app(application)
    application.jinja_env.globals["retailer"] = RETAILER
    with application.app_context():
        yield application


def said(kind: str, language: str = "de", channel: str = "mail", **changed: Any) -> Said:
    """Return the sample of a kind as the gate sees it; `changed` replaces parts of it."""
    draft = changed.pop("draft", None) or samples.draft(kind, language)
    words = changed.pop("words", None) or writing.render(draft, channel)
    promise = None
    if draft.promised_on:
        with formats.spoken(language):
            promise = formats.day_and_date(draft.promised_on)
    found = samples.seen(kind)
    sides = {OrderSeen: "order", HoldSeen: "hold", AddressSeen: "address", PaperSeen: "paper"}
    side = sides[type(found)]
    made = Said(
        kind=kind,
        channel=channel,
        facts=draft.facts,
        text="\n".join((words.subject, words.text, writing._read(words.html))),
        html=words.html,
        size=words.size,
        letter=draft.letter,
        promise=promise,
        **{side: found},
    )
    return replace(made, **changed)


def lying(kind: str, **facts: Any) -> Said:
    """Return a sample whose letter says something else."""
    draft = samples.draft(kind, "de")
    return said(kind, draft=letters.draft(replace(draft.letter, **facts)))


def broken(one: Said) -> set[str]:
    return {reason["truth"] for reason in gate.judge(one)}


def letter(kind: str) -> Any:
    return samples.draft(kind, "de").letter


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_true_is_written_in_both_languages_and_stays_light(app: Flask, kind: str) -> None:
    for language in LANGUAGES:
        for channel in ("mail", "sms") if KINDS[kind].sms else ("mail",):
            one = said(kind, language, channel)
            assert gate.judge(one) == [], (language, channel)
            assert one.size <= LARGEST_BYTES
            if channel == "sms":
                # At most two parts of an SMS in GSM-7.
                words = writing.render(samples.draft(kind, language), "sms")
                assert len(words.text) <= 306, words.text


def test_every_template_has_a_kind_and_every_kind_its_templates() -> None:
    mails = ROOT / "app" / "templates" / "mail"
    shared = {"parts", "store_hold_words"}
    for suffix in (".txt", ".html"):
        assert {file.stem for file in mails.glob(f"*{suffix}")} - shared == set(KINDS), suffix
    texts = {file.stem for file in (mails.parent / "sms").glob("*.txt")} - {"change"}
    assert texts == {name for name, kind in KINDS.items() if kind.sms}


def test_nothing_but_the_one_place_makes_messages() -> None:
    found = [
        str(file.relative_to(ROOT))
        for file in (ROOT / "app").rglob("*.py")
        if re.search(r"(?<!class )\bMessage\(", file.read_text())
    ]
    assert found == ["app/messages/writing.py"]


@pytest.mark.parametrize("name", [(k, f) for k, kind in KINDS.items() for f in kind.facts])
def test_no_message_without_the_facts_that_it_declares(app: Flask, name: tuple[str, str]) -> None:
    kind, fact = name
    one = said(kind)
    without = {key: value for key, value in one.facts.items() if key != fact}
    assert broken(replace(one, facts=without)) == {"facts"}
    assert broken(replace(one, facts={**without, fact: None})) == {"facts"}


def test_an_unknown_kind_is_refused(app: Flask) -> None:
    assert broken(replace(said("split"), kind="spam")) == {"known_kind"}


def test_shipped_needs_a_parcel_that_was_handed_over_with_just_these_goods(app: Flask) -> None:
    (gone,) = letter("shipped").parcels
    lies = {
        "not handed over": replace(gone, handed_over=False),
        "empty": replace(gone, lines=()),
        "one more in it": replace(gone, lines=(replace(gone.lines[0], quantity=3),)),
        "something else in it": replace(gone, lines=(LineFact("PAN-28", "Pfanne", 1),)),
        "from elsewhere": replace(gone, origin="Köln"),
        "another number": replace(gone, tracking_code="1"),
    }
    for lie, parcel in lies.items():
        found = broken(lying("shipped", parcels=(parcel,)))
        assert found & {"whole", "really_handed_over", "only_what_was_ordered"}, lie
    assert "really_handed_over" in broken(lying("shipped", parcels=()))
    # The books say that it still stands in the warehouse.
    one = said("shipped")
    assert one.order is not None
    parked = tuple(replace(parcel, handed_over=False) for parcel in one.order.parcels)
    assert "really_handed_over" in broken(replace(one, order=replace(one.order, parcels=parked)))


def test_the_same_parcel_cannot_be_shipped_twice_in_one_letter(app: Flask) -> None:
    (gone,) = letter("shipped").parcels
    assert "really_handed_over" in broken(lying("shipped", parcels=(gone, gone)))


def test_only_paid_ready_held_and_lapsed_when_it_is_so(app: Flask) -> None:
    def with_books(kind: str, **changed: Any) -> set[str]:
        one = said(kind)
        return broken(replace(one, order=replace(one.order, **changed)))  # type: ignore[arg-type]

    assert with_books("order_confirmed", state="placed") == {"paid"}
    assert with_books("order_confirmed", state="lapsed") == {"paid"}
    assert with_books("order_lapsed", state="confirmed") == {"lapsed"}
    assert with_books("debit_asked", state="confirmed") == {"bank_asked"}
    assert with_books("debit_asked", bank_asked=False) == {"bank_asked"}
    ready = said("ready").order
    assert ready is not None
    on_the_shelf = tuple(replace(parcel, laid_out=False) for parcel in ready.parcels)
    assert with_books("ready", parcels=on_the_shelf) == {"really_laid_out"}
    hold = said("store_hold")
    assert broken(replace(hold, hold=HoldSeen("held", {"GF-SHAD-90": 2}))) == {"really_held"}
    assert broken(replace(hold, hold=HoldSeen("ready", {"GF-SHAD-90": 1}))) == {"really_held"}
    assert broken(replace(hold, hold=None)) == {"really_held"}


def test_no_order_no_letter(app: Flask) -> None:
    for kind in (name for name, one in KINDS.items() if one.about == "order"):
        assert "known_order" in broken(replace(said(kind), order=None)), kind


@settings(deadline=None, max_examples=25)
@given(
    kind=st.sampled_from(WITH_PARCELS),
    more=st.integers(-1, 4).filter(bool),
    in_books=st.booleans(),
)
def test_the_number_of_parcels_said_is_the_number_there_is(
    app: Flask, kind: str, more: int, *, in_books: bool
) -> None:
    one = said(kind)
    assert one.order is not None
    books = one.order.parcels
    if in_books:
        changed = books[:more] if more < 0 else books + books[-1:] * more
        assert "all_parcels" in broken(replace(one, order=replace(one.order, parcels=changed)))
        return
    part = "still_to_come" if kind == "shipped" else "parcels"
    told: tuple[ParcelFact, ...] = getattr(one.letter, part)
    assert "all_parcels" in broken(
        lying(kind, **{part: told[:more] if more < 0 else told + told[-1:] * more})
    )


@settings(deadline=None, max_examples=25)
@given(kind=st.sampled_from(WITH_PARCELS), number=st.integers(1, 9), of=st.integers(1, 9),
       language=st.sampled_from(LANGUAGES), way=st.integers(0, 1))  # fmt: skip
def test_a_template_that_counts_by_itself_is_found_out(
    app: Flask, kind: str, number: int, of: int, language: str, way: int
) -> None:
    says = {
        "de": (f"Paket {number} von {of}", f"Sie bekommen {of} Pakete."),
        "en": (f"Parcel {number} of {of}", f"You will get {of} parcels."),
    }[language][way]
    one = said(kind, language)
    honest = of == 2 and (way == 1 or number <= 2)
    allowed = honest or (kind == "shipped" and way == 1 and of == 1)
    found = broken(replace(one, text=f"{one.text}\n{says}"))
    assert found == (set() if allowed else {"all_parcels"})


@pytest.mark.parametrize(
    ("language", "says", "count"),
    [
        ("de", "Es sind drei Pakete.", 3),
        ("de", "Ihre Bestellung kommt in Zwei getrennten Paketen.", 2),
        ("de", "Beide Pakete sind morgen da.", 2),
        ("de", "Das kommt in einem Paket oder in mehreren Paketen.", None),
        ("de", "Paket 1 von vier", 4),
        ("en", "You will get twelve parcels.", 12),
        ("en", "Both parcels arrive on Friday.", 2),
        ("en", "Two of the parcels are on their way.", 2),
        ("en", "Open a parcel with care.", None),
    ],
)
def test_a_number_of_parcels_in_words_is_a_number(
    app: Flask, language: str, says: str, count: int | None
) -> None:
    one = said("split", language)
    found = broken(replace(one, text=f"{one.text}\n{says}"))
    assert found == (set() if count in {None, 2} else {"all_parcels"})


def test_names_of_goods_count_no_parcels(app: Flask) -> None:
    (first, second) = letter("split").parcels
    named = replace(first, lines=(replace(first.lines[0], title="Futter, 7 Pakete"),))
    assert broken(lying("split", parcels=(named, second))) == set()


@settings(deadline=None, max_examples=25)
@given(kind=st.sampled_from(("order_placed", *WITH_PARCELS)),
       days=st.integers(-30, 30).filter(bool),
       where=st.sampled_from(("letter", "books", "text")))  # fmt: skip
def test_every_message_quotes_the_one_promised_day(
    app: Flask, kind: str, days: int, where: str
) -> None:
    one = said(kind)
    assert one.order is not None
    assert one.order.promised_on is not None
    assert one.promise
    other = one.order.promised_on + timedelta(days=days)
    if where == "books":
        lie = replace(one, order=replace(one.order, promised_on=other))
    elif where == "letter":
        order = replace(one.letter.order, promised_on=other)
        lie = lying(kind, order=order)
    else:
        with formats.spoken("de"):
            words = formats.day_and_date(other)
        lie = replace(
            one,
            text=one.text.replace(one.promise, words),
            html=one.html.replace(one.promise, words),
        )
    assert "one_promise" in broken(lie)


@settings(deadline=None, max_examples=15)
@given(kind=st.sampled_from(WITH_PARCELS), days=st.integers(1, 60))
def test_no_parcel_arrives_on_a_day_of_its_own(app: Flask, kind: str, days: int) -> None:
    one = said(kind)
    part = "still_to_come" if kind == "shipped" else "parcels"
    told = getattr(one.letter, part)
    later = replace(told[-1], arrives_on=told[-1].arrives_on + timedelta(days=days))
    found = broken(lying(kind, **{part: (*told[:-1], later)}))
    assert {"days_of_the_books", "one_promise"} <= found


@settings(deadline=None, max_examples=15)
@given(kind=st.sampled_from(WITH_PARCELS), more=st.integers(1, 50))
def test_nobody_is_told_of_goods_that_they_did_not_order(app: Flask, kind: str, more: int) -> None:
    part = "still_to_come" if kind == "shipped" else "parcels"
    told = getattr(letter(kind), part)
    line = told[-1].lines[0]
    for lie in (replace(line, quantity=line.quantity + more), replace(line, sku="PAN-28")):
        parcels = (*told[:-1], replace(told[-1], lines=(lie,)))
        assert "only_what_was_ordered" in broken(lying(kind, **{part: parcels}))


def test_amounts_and_cancelled_goods_are_those_of_the_books(app: Flask) -> None:
    for kind in ("split", "changed", "promise"):
        assert broken(lying(kind, refunded_minor=1)) == {"amounts_of_the_books"}
        gone = (LineFact("OH-30", "Offset-Haken 3/0", 1, 490),)
        assert "really_cancelled" in broken(lying(kind, cancelled=gone))
        dear = replace(letter(kind).order, total_minor=1)
        assert broken(lying(kind, order=dear)) == {"amounts_of_the_books"}


def test_what_is_over_promises_nothing(app: Flask) -> None:
    for kind in ("order_lapsed", "ready", "recall", "store_hold"):
        assert "Zugesagt" not in said(kind).text
    for kind in ("order_placed", *WITH_PARCELS):
        assert "Zugesagt: alles da bis" in said(kind).html


def test_what_keeps_its_day_is_not_late(app: Flask) -> None:
    for kind in ("later", "changed", "promise"):
        late = letter(kind).later[0]
        assert "whole" in broken(lying(kind, later=(replace(late, told_on=late.arrives_on),)))


@pytest.mark.parametrize("kind", ["newsletter", "review_request"])
def test_advertising_needs_a_consent_and_no_open_problem_and_a_way_out(
    app: Flask, kind: str
) -> None:
    one = said(kind)
    assert broken(replace(one, address=AddressSeen(consents=False))) == {"wanted"}
    assert broken(replace(one, address=None)) == {"wanted"}
    assert broken(replace(one, address=AddressSeen(True, "late"))) == {"no_problem_open"}
    hidden = one.text.replace(one.facts["unsubscribe_url"], "")
    assert broken(replace(one, text=hidden)) == {"way_out"}


def test_holes_and_weight(app: Flask) -> None:
    one = said("split")
    assert broken(replace(one, text=f"{one.text} None")) == {"no_hole"}
    assert broken(replace(one, size=LARGEST_BYTES + 1)) == {"light"}
    # What a customer calls themselves is no hole.
    facts = {**one.facts, "name": "None {{"}
    assert broken(replace(one, text=f"{one.text} None", facts=facts)) == set()


def test_an_offer_says_the_goods_the_sum_and_only_while_it_stands():
    one = said("counter_offer")
    assert broken(one) == set()
    dearer = {**one.facts, "total_minor": 1490}
    assert broken(replace(one, facts=dearer)) == {"as_it_stands"}
    assert broken(replace(one, paper=PaperSeen("expired", {"OH-30": 1}, 490))) == {"still_open"}
    assert broken(replace(said("receipt"), paper=None)) == {"as_it_stands"}
