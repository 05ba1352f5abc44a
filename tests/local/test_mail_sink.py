"""The mail sink as a process: what goes in by SMTP comes out on the page and as JSON."""

import json
import smtplib
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from email.message import EmailMessage
from types import SimpleNamespace

import pytest

from local import ports, supervisor
from local.mail_sink.smtp import SIZE_LIMIT_BYTES
from tests.conftest import ROOT
from tests.local.waiting import wait_for

pytestmark = pytest.mark.slow


def start(folder):
    smtp_port, web_port = ports.any_free(), ports.any_free()
    command = [sys.executable, "-m", "local.mail_sink", "--data", folder]
    process = subprocess.Popen(
        [*command, "--smtp-port", str(smtp_port), "--web-port", str(web_port)], cwd=ROOT
    )
    sink = SimpleNamespace(
        process=process, smtp_port=smtp_port, url=f"http://127.0.0.1:{web_port}", folder=folder
    )
    assert wait_for(lambda: supervisor.answers(f"{sink.url}/messages.json"))
    return sink


@pytest.fixture(scope="module")
def sink(tmp_path_factory):
    sink = start(tmp_path_factory.mktemp("mail"))
    yield sink
    sink.process.terminate()
    assert sink.process.wait(10) == 0


def get(address):
    with urllib.request.urlopen(address, timeout=5) as response:
        return response.read().decode(), response.headers


def messages(sink, query=""):
    return json.loads(get(f"{sink.url}/messages.json{query}")[0])


def letter(to, subject="Ihre Bestellung: zwei Pakete", text="Guten Tag,\n.\n..Punkt\n"):
    mail = EmailMessage()
    mail["From"] = "Angelhaus Rhein <service@angelhaus.example>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = "Wed, 25 Nov 2026 12:31:00 +0100"
    mail.set_content(text)
    return mail


def send(sink, mail):
    with smtplib.SMTP("127.0.0.1", sink.smtp_port, timeout=5) as client:
        client.send_message(mail)


def test_a_mail_keeps_its_parts(sink):
    mail = letter("müller@example.org", "Köder & Haken: „zwei Pakete“")
    mail.add_alternative('<h1>Köder</h1><img src="cid:card">', subtype="html")
    mail.get_payload()[1].add_related(b"png", "image", "png", cid="<card>", filename="card.png")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Beleg.pdf")
    send(sink, mail)

    newest = messages(sink)[0]
    assert newest["to"] == "müller@example.org"
    assert newest["subject"] == "Köder & Haken: „zwei Pakete“"
    assert newest["at"] == "2026-11-25T11:31:00+00:00"
    assert newest["text"] == "Guten Tag,\n.\n..Punkt\n"
    assert "<h1>Köder</h1>" in newest["html"]
    page, _ = get(f"{sink.url}/messages/{newest['id']}")
    assert "Köder &amp; Haken: „zwei Pakete“" in page
    shown, headers = get(f"{sink.url}/messages/{newest['id']}/html")
    assert f'src="/messages/{newest["id"]}/files/card.png"' in shown
    assert "sandbox" in headers["Content-Security-Policy"]
    assert get(f"{sink.url}/messages/{newest['id']}/files/Beleg.pdf")[0] == "%PDF"


def test_the_newest_comes_first_and_one_can_ask_for_a_recipient(sink):
    for number in range(3):
        send(sink, letter("order@example.org", f"Nummer {number}"))
    send(sink, letter("somebody@else.example", "anderes"))
    assert [each["subject"] for each in messages(sink)[:2]] == ["anderes", "Nummer 2"]
    asked = [each["subject"] for each in messages(sink, "?to=ORDER@example.org")]
    assert asked == ["Nummer 2", "Nummer 1", "Nummer 0"]


def test_a_hidden_recipient_is_the_one_that_is_shown(sink):
    with smtplib.SMTP("127.0.0.1", sink.smtp_port, timeout=5) as client:
        client.sendmail("a@example.org", ["hidden@example.org"], "Subject: x\r\n\r\ny")
    assert messages(sink)[0]["to"] == "hidden@example.org"


def test_markup_in_a_subject_is_text(sink):
    send(sink, letter("x@example.org", "<script>alert(1)</script>"))
    page, _ = get(f"{sink.url}/")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_mails_outlive_a_restart(tmp_path):
    first = start(tmp_path)
    send(first, letter("kept@example.org"))
    before = messages(first)
    first.process.terminate()
    first.process.wait(10)
    second = start(tmp_path)
    try:
        assert messages(second) == before
    finally:
        second.process.terminate()
        second.process.wait(10)


def talk(sink, *lines):
    """Say lines to the SMTP side and return the reply codes, the greeting first."""
    with socket.create_connection(("127.0.0.1", sink.smtp_port), 5) as line:
        replies = line.makefile("rb")
        codes = [replies.readline()[:3]]
        for said in lines:
            line.sendall(said + b"\r\n")
            reply = replies.readline()
            while reply[3:4] == b"-":
                reply = replies.readline()
            codes.append(reply[:3])
    return [code.decode() for code in codes]


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ([b"MAIL FROM:<a@b.c>"], ["503"]),
        ([b"HELO x", b"RCPT TO:<a@b.c>"], ["250", "503"]),
        ([b"HELO x", b"DATA"], ["250", "503"]),
        ([b"HELO x", b"MAIL FROM:<a@b.c>", b"RCPT TO:<a@b.Invalid>"], ["250", "250", "550"]),
        ([b"HELO x", b"MAIL TO:<a@b.c>"], ["250", "501"]),
        ([b"EHLO x", b"MAIL FROM:<>", b"RCPT TO:<>"], ["250", "250", "501"]),
        ([b"EHLO x", b"MAIL FROM:<a@b.c> SIZE=%d" % (SIZE_LIMIT_BYTES + 1)], ["250", "552"]),
        ([b"EHLO x", b"MAIL FROM:<a@b.c>", b"MAIL FROM:<a@b.c>"], ["250", "250", "503"]),
        ([b"EHLO x", b"MAIL FROM:<a@b.c>", b"RSET", b"RCPT TO:<a@b.c>"], ["250"] * 3 + ["503"]),
        ([b"STARTTLS"], ["502"]),
        ([b"x" * 10_000], ["500"]),
    ],
)
def test_what_is_out_of_order_is_refused_and_kept_nowhere(sink, lines, codes):
    before = messages(sink)
    assert talk(sink, *lines) == ["220", *codes]
    assert messages(sink) == before


def test_a_mail_that_breaks_off_is_not_kept(sink):
    before = messages(sink)
    with socket.create_connection(("127.0.0.1", sink.smtp_port), 5) as line:
        line.sendall(b"HELO x\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\nSubject: half")
    assert messages(sink) == before


@pytest.mark.parametrize("path", ["/messages/1", "/messages/1/html", "/../secret", "/static/x"])
def test_an_unknown_address_is_not_found(sink, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(sink.url + path)
    assert refused.value.code == 404
    refused.value.close()


def test_an_sms_is_taken_as_a_gateway_would_and_shown_as_one_that_went_nowhere(sink):
    body = json.dumps({"to": "+4922812345678", "from": "Angelhaus", "text": "Liegt bereit."})
    address = f"{sink.url}/api/sms"
    with urllib.request.urlopen(address, data=body.encode(), timeout=5) as answer:
        told = json.load(answer)
    assert (told["success"], told["messages"][0]["success"]) == ("100", True)
    newest = messages(sink)[0]
    assert (newest["to"], newest["from"]) == ("+4922812345678", "Angelhaus")
    assert "Liegt bereit." in newest["text"]
    assert "nichts davon wurde verschickt" in newest["text"]
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(address, data=b"{}", timeout=5)
