"""The mail sink in a browser: new mail appears by itself, a letter can be read on a phone."""

import smtplib
from email.message import EmailMessage

from tests.conftest import PHONE


def send(live_shop, subject):
    mail = EmailMessage()
    mail["From"] = "Angelhaus Rhein <service@angelhaus.example>"
    mail["To"] = "leser@example.org"
    mail["Subject"] = subject
    mail.set_content("Zwei Pakete kommen.\n" + "x" * 200)
    mail.add_alternative("<h1>Zwei Pakete</h1>", subtype="html")
    _, port = live_shop.environment["SMTP_URL"].removeprefix("smtp://").split(":")
    with smtplib.SMTP("127.0.0.1", int(port), timeout=5) as client:
        client.send_message(mail)


def test_a_new_mail_appears_by_itself_and_can_be_read(live_shop, page):
    page.goto(f"{live_shop.mail}?to=leser@example.org")
    before = page.locator(".mails li").count()
    subject = f"Nummer {before}"
    send(live_shop, subject)
    page.get_by_text(subject).wait_for()
    assert page.locator(".mails li").count() == before + 1

    page.get_by_text(subject).click()

    assert page.frame_locator("iframe").get_by_role("heading").inner_text() == "Zwei Pakete"
    assert page.locator("pre").inner_text().startswith("Zwei Pakete kommen.")
    sizes = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert sizes[0] <= sizes[1]


def test_a_mail_is_read_without_javascript(live_shop, new_page):
    send(live_shop, "ohne Skript")
    page = new_page(PHONE, java_script_enabled=False)
    page.goto(live_shop.mail)
    page.get_by_text("ohne Skript").click()
    assert page.locator("pre").inner_text().startswith("Zwei Pakete kommen.")
