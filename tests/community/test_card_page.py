"""The page behind the QR code: who may see what, what is kept, what is refused without a trace."""

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.community import photos
from app.community.models import Photo
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid
from tests import small_shop
from tests.community.pictures import GPS, MAKE, bomb, photo

File = tuple[bytes, str]
# What every JPEG says of itself: nothing of where it comes from.
JPEG_FACTS = {
    "jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression",
}  # fmt: skip


def send(
    client: FlaskClient, token: str, *files: File, rights: str = "1", **more: str
) -> TestResponse:
    sent = [(io.BytesIO(content), name) for content, name in files]
    form = {"photos": sent, "rights": rights, **more}
    return client.post(f"/fang/{token}", data=form, content_type="multipart/form-data")


def rows() -> list[Photo]:
    with reading() as session:
        return list(session.scalars(select(Photo).order_by(Photo.id)))


def assert_nothing_kept(uploads: Path) -> None:
    assert rows() == []
    assert list(uploads.rglob("*.jpg")) == []


def test_the_page_thanks_and_leads_on_without_naming_anybody(
    client: FlaskClient, token: str
) -> None:
    answer = client.get(f"/fang/{token}")
    assert answer.status_code == 200
    assert "Zeig deinen Fang" in answer.text
    assert 'href="/dokumente/ratgeber-raeuchern.pdf"' in answer.text
    assert 'href="/sortiment/angeln"' in answer.text
    for personal in ("Müller", "mueller", small_shop.MUELLER, "Moselweg", "+4926114710777"):
        assert personal not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_the_page_speaks_english(client: FlaskClient, token: str) -> None:
    answer = client.get(f"/en/fang/{token}")
    assert "Show your catch" in answer.text
    assert "Guide to smoking fish" in answer.text
    assert "Send pictures" in answer.text


def test_an_unknown_token_is_no_card(client: FlaskClient, token: str) -> None:
    assert client.get(f"/fang/{token}x").status_code == 404
    assert send(client, f"{token}x", (photo(), "fang.jpg")).status_code == 404
    assert client.post(f"/fang/{token}x/zurueckziehen").status_code == 404


def test_photographs_are_kept_with_the_consent_and_shown_to_nobody_yet(
    client: FlaskClient, token: str, uploads: Path
) -> None:
    answer = send(
        client, token, (photo(), "a.jpg"), (photo(format_="PNG"), "b.png"),
        (photo(format_="WEBP"), "c.webp"), caption=" 38er Barsch ",
    )  # fmt: skip
    assert (answer.status_code, answer.location) == (303, f"/fang/{token}?danke=3")
    kept = rows()
    assert [(row.caption, row.state, row.width, row.height) for row in kept] == [
        ("38er Barsch", "new", 60, 40)
    ] * 3
    assert {row.rights_at for row in kept} == {clock.now()}
    assert all("unentgeltlich" in row.rights_text for row in kept)
    assert len(list(uploads.rglob("*.jpg"))) == 6
    page = client.get(answer.location)
    assert "Ihre 3 Bilder sind da" in page.text
    assert "/fang/bilder/" not in page.text
    assert client.get(f"/fang/bilder/{kept[0].id}.jpg").status_code == 404


def test_a_released_photograph_is_shown_to_everyone_with_a_card(
    client: FlaskClient, token: str, uploads: Path
) -> None:
    send(client, token, (photo(), "a.jpg"), caption="38er <b>Barsch</b>")
    (kept,) = rows()
    with transaction() as session:
        session.get_one(Photo, kept.id).state = "shown"
    page = client.get(f"/fang/{token}")
    assert "38er &lt;b&gt;Barsch&lt;/b&gt;" in page.text
    for address in (f"/fang/bilder/{kept.id}.jpg", f"/fang/bilder/{kept.id}.jpg?klein="):
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        answer.close()


def test_nothing_but_the_picture_is_left_of_a_file(
    client: FlaskClient, token: str, uploads: Path
) -> None:
    sent = photo(3000, 1000, turned=True)
    with Image.open(io.BytesIO(sent)) as original:
        assert original.getexif()[MAKE]
        assert original.getexif().get_ifd(GPS)
    send(client, token, (sent, "a.jpg"))
    (kept,) = rows()
    content = (uploads / kept.path).read_bytes()
    with Image.open(io.BytesIO(content)) as image:
        # Upright now, and no longer than 2,000 pixels.
        assert (image.format, image.size) == ("JPEG", (667, 2000))
        assert dict(image.getexif()) == {}
        assert set(image.info) <= JPEG_FACTS
    assert b"Telefon" not in content
    assert b"Sternstrasse" not in content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"This is no picture at all.", "kein lesbares Bild"),
        (photo()[:400], "kein lesbares Bild"),
        (b"GIF89a" + bytes(100), "kein lesbares Bild"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kein lesbares Bild"),
        (b"", "kein lesbares Bild"),
        (bomb(), "höchstens 50 Megapixel"),
        (bomb(1_000_000), "höchstens 50 Megapixel"),
        (bomb(500), "kein lesbares Bild"),
    ],
    ids=["text", "cut", "gif", "svg", "empty", "bomb", "giant-bomb", "broken-png"],
)
def test_what_is_no_honest_picture_is_refused_and_takes_the_others_along(
    client: FlaskClient, token: str, uploads: Path, content: bytes, said: str
) -> None:
    answer = send(client, token, (photo(), "gut.jpg"), (content, "fang.jpg"))
    assert answer.status_code == 422
    assert "fang.jpg" in answer.text
    assert said in answer.text
    assert_nothing_kept(uploads)


def test_a_picture_of_more_than_16_mb_is_not_even_decoded() -> None:
    with pytest.raises(Invalid, match="photo_size"):
        photos.read(io.BytesIO(photo() + bytes(photos.MOST_BYTES)))


def test_without_consent_nothing_is_kept_and_the_caption_stays(
    client: FlaskClient, token: str, uploads: Path
) -> None:
    answer = send(client, token, (photo(), "a.jpg"), rights="", caption="38er Barsch")
    assert answer.status_code == 422
    assert "Ohne Ihr Einverständnis" in answer.text
    assert 'value="38er Barsch"' in answer.text
    assert_nothing_kept(uploads)


def test_six_files_none_and_long_captions_are_refused(
    client: FlaskClient, token: str, uploads: Path
) -> None:
    six = [(photo(), f"{n}.jpg") for n in range(6)]
    assert "Höchstens 5 Bilder" in send(client, token, *six).text
    assert "mindestens ein Bild" in send(client, token).text
    long = send(client, token, (photo(), "a.jpg"), caption="x" * 201)
    assert (long.status_code, "Höchstens 200 Zeichen" in long.text) == (422, True)
    assert_nothing_kept(uploads)


def test_a_card_takes_twenty_photographs(client: FlaskClient, token: str, uploads: Path) -> None:
    for _ in range(4):
        five = [(photo(), f"{n}.jpg") for n in range(5)]
        assert send(client, token, *five).status_code == 303
    answer = send(client, token, (photo(), "a.jpg"))
    assert answer.status_code == 409
    assert "schon 20 Bilder" in answer.text
    assert len(rows()) == 20
    assert len(list(uploads.rglob("*.jpg"))) == 40


def test_consent_is_withdrawn_with_one_press(
    client: FlaskClient, token: str, uploads: Path
) -> None:
    send(client, token, (photo(), "a.jpg"), (photo(), "b.jpg"))
    answer = client.post(f"/fang/{token}/zurueckziehen")
    assert (answer.status_code, answer.location) == (303, f"/fang/{token}?geloescht=2")
    assert "Gelöscht." in client.get(answer.location).text
    assert_nothing_kept(uploads)


def test_who_sends_too_often_waits(client: FlaskClient, token: str) -> None:
    codes = [send(client, token, rights="").status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]


def test_an_order_gets_one_card_however_many_parcels(token: str) -> None:
    from app.community import campaigns
    from fulfilment.models import ParcelInsert

    with reading() as session:
        insert = session.scalars(select(ParcelInsert)).one()
        assert session.scalar(select(func.count()).select_from(ParcelInsert)) == 1
        assert campaigns.card_for(session, insert.order_ref, [small_shop.LURE]) is None
        other = campaigns.card_for(session, "K-OTHER", [small_shop.LURE])
        assert other is not None
        assert other.code == "fang"
