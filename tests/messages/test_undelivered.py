"""What a mail server refuses or sends back: owed again, corrected or called about, counted once."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import text

from app.events import MessageWritten
from app.messages import delivery, failures, notices
from app.messages.channels import mail as by_mail
from app.messages.models import Message, Undelivered
from app.sales import orders
from app.workflows import newsletters, owed, unreachable
from kit.database import reading, transaction
from kit.errors import Invalid, Refused
from loyalty import consents
from tests.local.waiting import wait_for
from tests.messages.test_telling import EMAIL, bought, issue, notice, send_all, subscribe
from tests.small_shop import WEDNESDAY
from tests.standing import moved
from tests.standing import snapshot as standing
from tests.web.staff_bench import at_work, hire
from tests.workflows.rerouting import noted, rows

pytestmark = pytest.mark.usefixtures("wednesday")

RIGHT = "t.mueller@example.org"
NO_MAILBOX = b"5.1.1 <mueller@example.org>: no such mailbox here"


class Server:
    """A mail server that says what it was told to: nothing, or a code with words."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer: tuple[int, bytes] | None = None

    def take(self, _url: str, mail: EmailMessage) -> None:
        if self.answer and mail["To"] == EMAIL:
            raise smtplib.SMTPRecipientsRefused({EMAIL: self.answer})
        self.taken.append(mail)


@pytest.fixture
def server(app: Any, monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()
    before = app.config["KONTOR"]
    monkeypatch.setitem(app.config, "KONTOR", replace(before, smtp_url="smtp://127.0.0.1:1"))
    monkeypatch.setattr(by_mail, "_hand_over", found.take)
    return found


def split_of(ref: str) -> Message:
    (row,) = rows(Message, order_ref=ref, kind="split")
    return row


def report(message: Message, **other: str) -> bytes:
    """Return what another server writes when it cannot deliver (RFC 3464)."""
    said = {
        "action": "failed",
        "status": "5.1.1",
        "recipient": message.recipient,
        "id": f"<{message.id}@shop.test>",
        "words": "550 no such\r\n user here",
        **other,
    }
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: shop@angelhaus.example\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {said['recipient']}\r\nAction: {said['action']}\r\n"
        f"Status: {said['status']}\r\nDiagnostic-Code: smtp; {said['words']}\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {said['id']}\r\nSubject: x\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.usefixtures("sound")
def test_a_refused_address_is_owed_at_once_and_corrected_on_one_page(
    settle_events: Any, server: Server, app: Any
) -> None:
    ref = bought(settle_events)
    hire("service", "lead")
    server.answer = (450, b"4.2.0 greylisted")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        delivery.send(MessageWritten(str(split_of(ref).id)))
    assert (rows(Undelivered), split_of(ref).failed_at) == ([], None)
    server.answer = (550, NO_MAILBOX)
    send_all()
    settle_events()
    failed = rows(Undelivered, order_ref=ref)
    assert {row.status for row in failed} == {"5.1.1"}
    assert len(failed) == len(rows(Message, order_ref=ref))
    assert notice(ref).escalated_at == WEDNESDAY
    assert noted(ref).count("message_failed") == len(failed)
    # Nobody asks the server again by itself.
    before = standing()
    send_all()
    assert moved(before) == set()
    (row,) = rows(Undelivered, message_id=split_of(ref).id)
    for wrong, code in (("nobody", "email"), (EMAIL, "email_same")):
        with pytest.raises((Invalid, Refused), match=code):
            unreachable.correct(row.id, wrong, actor="Jana")
    assert moved(before) == set()
    page = at_work(app, "lead").get("/office/messages/undelivered").text
    assert "no such mailbox here" in page
    assert "Berichtigen" not in page
    client = at_work(app, "service")
    path = f"/office/messages/undelivered/{row.id}"
    assert "Berichtigen" in client.get("/office/messages/undelivered").text
    client.post(path, data={"how": "correct", "email": f" {RIGHT.upper()} "})
    send_all()
    assert {row.seen_by for row in rows(Undelivered)} == {"Jana Klee"}
    with reading() as session:
        assert orders.by_ref(session, ref).email == RIGHT
    assert {mail["To"] for mail in server.taken} == {RIGHT}
    assert len(server.taken) == len(failed)
    assert (notice(ref).told_by, split_of(ref).failed_at) == ("mail", None)
    before = standing()
    with pytest.raises(Refused, match="message_seen"):
        unreachable.correct(row.id, "another@example.org", actor="Jana")
    assert (
        "Darum hat sich schon jemand"
        in client.post(path, data={"how": "called", "note": "x"}, follow_redirects=True).text
    )
    assert moved(before) == set()
    assert "Alles ist angekommen" in client.get("/office/messages/undelivered").text


@pytest.mark.usefixtures("sound")
def test_a_mail_that_comes_back_has_told_nothing(
    settle_events: Any, server: Server, app: Any
) -> None:
    ref = bought(settle_events)
    send_all()
    letter = split_of(ref)
    assert notice(ref).told_by == "mail"
    before = standing()
    for other in (
        {"action": "delayed", "status": "4.4.1"},
        {"status": "4.2.2"},
        {"recipient": "somebody@example.org"},
        {"id": "<00000000-0000-0000-0000-000000000000@shop.test>"},
        {"id": f"<{letter.id}.3@shop.test>"},
        {"id": "<another@shop.test>"},
    ):
        assert unreachable.bounced(report(letter, **other)) == 0
    assert unreachable.bounced(server.taken[0].as_bytes()) == 0
    assert moved(before) == set()
    told = app.test_cli_runner().invoke(args=["mail-bounced"], input=report(letter))
    assert told.output == "1 undelivered\n"
    assert unreachable.bounced(report(letter)) == 0
    (row,) = rows(Undelivered)
    assert (row.source, row.status, row.words) == ("bounced", "5.1.1", "550 no such user here")
    again = notice(ref)
    assert (again.told_at, again.told_by, again.escalated_at) == (None, None, WEDNESDAY)
    with reading() as session:
        assert session.scalar(failures.open_count()) == 1
    # One call is enough for both lists, from whichever it is noted.
    owed.told_by_hand(again.id, actor="Ute", note="weiß Bescheid")
    assert notice(ref).told_by == "call"
    assert rows(Undelivered)[0].note == "weiß Bescheid"
    with pytest.raises(Refused, match="message_seen"):
        unreachable.settle(row.id, actor="Ute", note="noch einmal")


@pytest.mark.usefixtures("sound")
@pytest.mark.parametrize(
    "said",
    [
        {"status": "5.1.1 (bad destination mailbox address)", "action": "failed (bad address)"},
        {"recipient": f"<{EMAIL}>"},
        {"words": "550 no such\0user here"},
    ],
)
def test_servers_write_comments_brackets_and_rubbish_into_what_they_report(
    settle_events: Any, server: Server, said: dict[str, str]
) -> None:
    ref = bought(settle_events)
    send_all()
    assert unreachable.bounced(report(split_of(ref), **said)) == 1
    (row,) = rows(Undelivered)
    assert (row.status, row.words) == ("5.1.1", "550 no such user here")
    assert row.recipient == EMAIL


@pytest.mark.usefixtures("sound")
def test_a_call_noted_where_the_mail_came_back_ends_what_was_owed(
    settle_events: Any, server: Server
) -> None:
    ref = bought(settle_events)
    send_all()
    unreachable.bounced(report(split_of(ref)))
    (row,) = rows(Undelivered)
    unreachable.settle(row.id, actor="Ute", note="zwei Pakete, ist gut")
    told = notice(ref)
    assert (told.told_by, told.actor, told.note) == ("call", "Ute", "zwei Pakete, ist gut")
    assert "failure_seen" in noted(ref)


@pytest.mark.race
@pytest.mark.usefixtures("sound")
def test_a_call_that_two_note_at_once_from_both_lists_is_noted_once_and_nobody_waits_in_a_circle(
    settle_events: Any, server: Server, app: Any
) -> None:
    ref = bought(settle_events)
    send_all()
    letter = split_of(ref)
    unreachable.bounced(report(letter))
    (row,) = rows(Undelivered)

    def from_the_other_list() -> str:
        with app.app_context():
            try:
                owed.told_by_hand(notice(ref).id, actor="Ute", note="weiß Bescheid")
            except Refused as refused:
                return refused.code
            return ""

    with ThreadPoolExecutor(1) as threads:
        with transaction() as session:
            failures.see(failures.locked(session, row.id), by="Jana", note="auch")
            session.flush()
            other = threads.submit(from_the_other_list)
            wait_for(somebody_waits, 20)
            notices.called_instead(session, letter.id, actor="Jana", note="auch")
        assert other.result(20) == "notice_told"
    assert (notice(ref).actor, rows(Undelivered)[0].seen_by) == ("Jana", "Jana")


def somebody_waits() -> bool:
    with reading() as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


@pytest.mark.parametrize(("status", "kept"), [("5.1.1", False), ("5.2.2", True)])
def test_a_newsletter_to_no_mailbox_ends_the_consent_and_a_full_one_does_not(
    settle_events: Any,
    server: Server,
    status: str,
    kept: bool,  # noqa: FBT001 - a fact
) -> None:
    subscribe("froh@example.org")
    newsletters.send(issue(), actor="Ute")
    send_all()
    (letter,) = rows(Message, kind="newsletter")
    assert unreachable.bounced(report(letter, status=status)) == 1
    settle_events()
    with reading() as session:
        assert consents.given(session, "froh@example.org", consents.NEWSLETTER) is kept
        assert session.scalar(failures.open_count()) == 0
