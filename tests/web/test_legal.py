"""Legal texts: data with versions, a gate, and the version of the order in its confirmation."""

import io
from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from app.legal import markup, pages, retailers, texts
from app.messages import delivery
from app.messages.channels import mail
from app.messages.models import Message
from app.workflows import checkout
from kit import clock
from kit.database import reading, transaction
from kit.errors import Refused
from tests import small_shop
from tests.small_shop import LURE, WEDNESDAY
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import open_shop, text

pytestmark = pytest.mark.usefixtures("wednesday")


def changed(words: str) -> dict[str, dict[str, str]]:
    return {
        language: {**part, "body": f"{part['body']}\n\n{words}"}
        for language, part in pages.draft_of("agb").items()
    }


def publish(words: str, **more: object) -> int:
    with transaction() as session:
        made = texts.publish(session, "agb", changed(words), actor="t", note="n", **more)  # type: ignore[arg-type]
        return made.version


def test_a_version_counts_from_its_instant_and_the_old_one_stays_readable(
    client: FlaskClient,
) -> None:
    assert "Muster" in text(client.get("/agb"))
    assert publish("Erste Fassung.") == 1
    assert publish("Zweite Fassung.", valid_from=WEDNESDAY + timedelta(days=1)) == 2
    assert "Erste Fassung." in text(client.get("/agb"))
    assert client.get("/agb?fassung=2").status_code == 404
    with clock.frozen(WEDNESDAY + timedelta(days=1)):
        assert "Zweite Fassung." in text(client.get("/agb"))
        old = text(client.get("/agb?fassung=1"))
        assert "Erste Fassung." in old
        assert "frühere Fassung" in old
        assert client.get("/agb/fassung-1.pdf").data[:5] == b"%PDF-"
    with pytest.raises(Refused, match="nothing_changed"):
        publish("Zweite Fassung.")


def test_the_confirmation_carries_the_version_of_its_order_on_a_durable_medium(
    app: Flask, settle_events
) -> None:
    open_shop()
    publish("Die Fassung der Bestellung.")
    checkout.place(small_shop.basket_with((LURE, 1)), small_shop.buyer())
    with clock.frozen(WEDNESDAY + timedelta(minutes=1)):
        publish("Eine Minute später.")
        settle_events()
    with reading() as session:
        row = session.scalars(select(Message).where(Message.kind == "order_placed")).one()
        papers = delivery._papers(session, row)
    letter: EmailMessage = mail.as_mail(row, "a@b.de", "http://shop.test", papers)
    files = {part.get_filename(): part.get_content() for part in letter.iter_attachments()}
    assert list(files) == ["Allgemeine Geschäftsbedingungen.pdf", "Widerrufsbelehrung.pdf"]
    terms, notice = (
        " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
        for pdf in files.values()
    )
    assert "Die Fassung der Bestellung." in terms
    assert "Eine Minute später." not in terms
    assert "4,90 €" in terms
    assert "Muster-Widerrufsformular" in notice
    assert "Angelhaus Rhein GmbH" in notice


def test_the_gate_names_what_is_missing(app: Flask) -> None:
    seller = retailers.of({**retailers.RETAILER.plain(), "weee_register": "", "vat_id": ""})
    given = {
        "de": {"title": "T", "body": "{company} {weee_register} {nichts} [BITTE ERGÄNZEN: Frist]"},
        "en": {"title": "T", "body": ""},
    }
    found = {(gap.kind, gap.what) for gap in pages.missing_in("agb", given, seller)}
    assert found == {
        ("fact", "weee_register"),
        ("unknown", "nichts"),
        ("open", "[BITTE ERGÄNZEN: Frist]"),
        ("empty", "en"),
    }
    with reading() as session:
        assert {gap.page for gap in pages.gate(session)} == {"anbieter", *pages.PAGES}
    with transaction() as session:
        facts = {"facts": retailers.RETAILER.plain()}
        texts.publish(session, "anbieter", facts, actor="t", note="n")
        for page in pages.PAGES:
            texts.publish(session, page, pages.draft_of(page), actor="t", note="n")
    with reading() as session:
        assert pages.gate(session) == []


def test_a_person_drafts_sees_and_publishes(app: Flask, client: FlaskClient) -> None:
    hire("office", "service")
    desk = at_work(app, "office")
    assert "Angaben fehlen" in text(desk.get("/office/legal"))
    form = {
        f"{part}-{language}": words
        for language, text_ in changed("Neu: <b>nicht fett</b> & [Widerruf](/widerruf)").items()
        for part, words in text_.items()
    }
    desk.post("/office/legal/agb", data=form)
    seen = desk.get("/office/legal/agb").text
    assert 'Neu: &lt;b&gt;nicht fett&lt;/b&gt; &amp; <a href="/widerruf">Widerruf</a>' in seen
    assert "Muster" in text(client.get("/agb"))
    desk.post("/office/legal/agb/versions", data={"note": ""})
    assert "Muster" in text(client.get("/agb"))
    desk.post("/office/legal/agb/versions", data={"note": "Versand geändert"})
    assert "Neu: <b>nicht fett</b>" in text(client.get("/agb")) or "nicht fett" in text(
        client.get("/agb")
    )
    assert "Fassung 1" in text(client.get("/agb"))
    service = at_work(app, "service")
    assert service.get("/office/legal/agb").status_code == 200
    assert service.post("/office/legal/agb", data=form).status_code == 403


def test_markup_lets_no_html_and_no_foreign_scheme_through() -> None:
    body = "## A <i>\n\n- eins\n- zwei\n\n> Zeile\n\n[x](javascript:alert(1)) [y](/agb)\nnächste"
    assert markup.html(body, "/en") == (
        "<h2>A &lt;i&gt;</h2>\n<ul><li>eins</li><li>zwei</li></ul>\n"
        '<div class="card stack gap-s"><p>Zeile</p></div>\n'
        '<p>[x](javascript:alert(1)) <a href="/en/agb">y</a><br>\nnächste</p>'
    )
