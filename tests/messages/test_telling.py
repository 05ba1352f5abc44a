"""Messages in the books: refused lies, notices that end once, SMS, quiet hours, newsletters."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.events import MessageWritten
from app.messages import account_letters, delivery, gate, letters
from app.messages.account_letters import PersonalMail
from app.messages.channels import mail as by_mail
from app.messages.models import CallTask, Message, MessageRefusal, Notice
from app.messages.said import Said
from app.sales import orders
from app.workflows import evidence, exceptional, floor, newsletters, office_order, owed, tell, watch
from fulfilment.routing import snapshot
from kit import clock, events
from kit.database import reading, transaction
from kit.errors import Invalid, Refused
from loyalty import consents
from tests import small_shop
from tests.small_shop import HOOK, LURE, WEDNESDAY
from tests.standing import moved
from tests.standing import snapshot as standing
from tests.web.staff_bench import at_work, hire
from tests.workflows.rerouting import KASSEL, job_at, noted, open_exception, paid, rows

pytestmark = pytest.mark.usefixtures("wednesday")

STOCK = {("lager", LURE): 5, ("lager", HOOK): 3, ("bonn", HOOK): 5}
PHONE = "+4922812345678"
EMAIL = "mueller@example.org"


class Gateway(ThreadingHTTPServer):
    """What an SMS provider is to the shop, in a few lines: keeps what it is given."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.taken: list[dict[str, str]] = []
        self.keys: list[str | None] = []
        self.code = "100"


class _Answer(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.server.taken.append(json.loads(self.rfile.read(size)))
        self.server.keys.append(self.headers["X-Api-Key"])
        body = json.dumps({"success": self.server.code, "messages": []}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def gateway(app: Any) -> Iterator[Gateway]:
    server = Gateway()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = app.config["KONTOR"]
    address = f"http://127.0.0.1:{server.server_address[1]}/api/sms"
    app.config["KONTOR"] = replace(before, sms_url=address, sms_api_key="geheim")
    yield server
    app.config["KONTOR"] = before
    server.shutdown()
    server.server_close()


@pytest.fixture
def sent(app: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Mails that were handed over."""
    found: list[Any] = []
    before = app.config["KONTOR"]
    monkeypatch.setitem(app.config, "KONTOR", replace(before, smtp_url="smtp://127.0.0.1:1"))
    monkeypatch.setattr(by_mail, "_hand_over", lambda _url, mail: found.append(mail))
    return found


def short_pick(ref: str, settle_events: Any) -> None:
    """Have the hooks missing in Kassel: they come from Bonn, in a second parcel."""
    job = job_at(ref, "lager")
    floor.start(job, KASSEL)
    floor.short_pick(job, HOOK, KASSEL)
    settle_events()


def bought(settle_events: Any, **buyer: Any) -> str:
    small_shop.build(STOCK)
    ref = paid(settle_events, (LURE, 1), (HOOK, 1), **buyer)
    short_pick(ref, settle_events)
    return ref


def notice(ref: str) -> Notice:
    (row,) = rows(Notice, order_ref=ref)
    return row


def send_all() -> None:
    for row in rows(Message, sent_at=None):
        if row.hold_until is None:
            delivery.send(MessageWritten(str(row.id)))


@pytest.mark.usefixtures("sound")
def test_two_parcels_are_a_notice_that_ends_when_the_mail_has_left(
    settle_events: Any, sent: list[Any]
) -> None:
    ref = bought(settle_events)
    row = notice(ref)
    assert (row.kind, row.parcels, row.told_at) == ("split", 2, None)
    assert row.due_at == WEDNESDAY + timedelta(hours=2)
    send_all()
    told = notice(ref)
    assert (told.told_by, told.told_at) == ("mail", WEDNESDAY)
    before = standing()
    send_all()
    with clock.frozen(WEDNESDAY + timedelta(hours=3)):
        assert owed.tend() == 0
    for again in (
        lambda: owed.write_now(row.id, actor="Ute"),
        lambda: owed.told_by_hand(row.id, actor="Ute", note="x"),
    ):
        with pytest.raises(Refused, match="notice_told"):
            again()
    assert moved(before) == set()
    assert [m["Subject"] for m in sent].count("Ihre Bestellung kommt in 2 Paketen") == 1


@pytest.mark.usefixtures("sound")
def test_a_call_ends_it_with_its_note_and_writes_nothing(settle_events: Any) -> None:
    ref = bought(settle_events, contact_by="call", phone=PHONE)
    (task,) = rows(CallTask)
    owed.called(task.id, by="Frau Adler", outcome="reached", note="freut sich")
    row = notice(ref)
    assert (row.told_by, row.actor, row.note) == ("call", "Frau Adler", "freut sich")
    assert rows(Message, kind="split") == rows(Message, kind="changed") == []
    with pytest.raises(Refused, match="call_done"):
        owed.called(task.id, by="Frau Adler", outcome="voicemail")
    with pytest.raises(Invalid, match="outcome"):
        owed.called(task.id, by="Frau Adler", outcome="gone")


@pytest.mark.usefixtures("sound")
def test_a_mailbox_is_followed_by_the_letter_once(settle_events: Any, sent: list[Any]) -> None:
    ref = bought(settle_events, contact_by="call", phone=PHONE)
    (task,) = rows(CallTask)
    owed.called(task.id, by="Frau Adler", outcome="voicemail")
    (letter,) = rows(Message, kind="changed")
    assert "Paket 2 von 2" in letter.body_text
    assert notice(ref).told_at is None
    send_all()
    assert (notice(ref).told_by, notice(ref).message_id) == ("mail", letter.id)
    with pytest.raises(Refused, match="notice_told"):
        owed.write_now(notice(ref).id, actor="Ute")


@pytest.mark.usefixtures("sound")
def test_what_nobody_has_told_is_escalated_once_and_told_by_a_person(settle_events: Any) -> None:
    ref = bought(settle_events, contact_by="call", phone=PHONE)
    with clock.frozen(WEDNESDAY + timedelta(hours=2)):
        assert owed.tend() == 1
        assert owed.tend() == 0
        assert noted(ref).count("notice_escalated") == 1
        owed.told_by_hand(notice(ref).id, actor="Ute", note="weiß Bescheid")
        row = notice(ref)
        assert (row.told_by, row.actor, row.note) == ("call", "Ute", "weiß Bescheid")
        before = standing()
        assert owed.tend() == 0
        assert moved(before) == set()


def test_a_lie_is_refused_kept_and_owed_and_the_truth_closes_it(
    settle_events: Any, caplog: pytest.LogCaptureFixture
) -> None:
    small_shop.build(STOCK)
    ref = paid(settle_events, (LURE, 1), (HOOK, 1))
    with transaction() as session:
        order = orders.by_ref(session, ref)
        fact, parcels, cancelled, back = tell.standing(session, order)
        gone = replace(parcels[0], handed_over=True)
        lie = letters.ShippedLetter(fact, (gone,), ())
        assert letters.write(session, lie, key="shipped/lie") is None
        assert letters.write(session, lie, key="shipped/lie") is None
        doubled = letters.SplitLetter(fact, (*parcels, *parcels), cancelled, back)
        tell.tell_change(session, order, doubled, "split/lie", [], noted="split_told")
        assert not letters.admits(session, doubled, key="split/call-lie")
    assert {m.kind for m in rows(Message)} == {"order_placed", "order_confirmed"}
    refused = {row.key: {one["truth"] for one in row.reasons} for row in rows(MessageRefusal)}
    assert refused["shipped/lie"] == {"really_handed_over"}
    assert "all_parcels" in refused["split/lie"]
    assert len(refused) == 3
    assert "shipped/lie" in caplog.text
    # The change itself stands, and the customer is still owed the news.
    assert notice(ref).message_id is None
    with transaction() as session:
        honest = letters.SplitLetter(fact, parcels, cancelled, back)
        assert letters.write(session, honest, key="split/lie") is not None
        (first, *_rest) = gate.refused(session)
        gate.see(session, first.id, by="Ute", note="angerufen")
    assert {row.key for row in rows(MessageRefusal, seen_at=None)} == {"split/call-lie/call"}


@pytest.mark.usefixtures("sound")
def test_an_sms_to_who_wants_one_waits_for_the_morning_but_not_for_goods_that_lie_ready(
    settle_events: Any, gateway: Gateway
) -> None:
    night = datetime(2026, 11, 25, 21, 30, tzinfo=UTC)
    small_shop.build(STOCK)
    with clock.frozen(night):
        ref = paid(settle_events, (LURE, 1), (HOOK, 1), contact_by="sms", phone=PHONE)
        # What the law wants on paper comes by mail all the same.
        assert {m.channel for m in rows(Message)} == {"mail"}
        short_pick(ref, settle_events)
        (sms,) = rows(Message, kind="split")
        morning = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
        assert (sms.channel, sms.recipient, sms.hold_until) == ("sms", PHONE, morning)
        assert sms.body_html == ""
        assert "in 2 Paketen" in sms.body_text
        assert notice(ref).due_at == morning + timedelta(hours=2)
        assert delivery.release_held() == 0
    with clock.frozen(morning):
        assert delivery.release_held() == 1
        assert delivery.release_held() == 0
        with reading() as session:
            waiting = [row.payload for row in events.waiting(session)]
        assert {"message_id": str(sms.id)} in waiting
        gateway.code = "900"
        with pytest.raises(RuntimeError, match="900"):
            delivery.send(MessageWritten(str(sms.id)))
        assert "900" in str(rows(Message, kind="split")[0].last_error)
        gateway.code = "100"
        delivery.send(MessageWritten(str(sms.id)))
        delivery.send(MessageWritten(str(sms.id)))
    assert notice(ref).told_by == "sms"
    assert [one["to"] for one in gateway.taken] == [PHONE, PHONE]
    assert {one["foreign_id"] for one in gateway.taken} == {str(sms.id)}
    assert set(gateway.keys) == {"geheim"}


def test_without_a_gateway_who_wants_sms_gets_mail(settle_events: Any) -> None:
    bought(settle_events, contact_by="sms", phone=PHONE)
    (letter,) = rows(Message, kind="split")
    assert (letter.channel, letter.recipient) == ("mail", EMAIL)


@pytest.mark.usefixtures("sound")
def test_a_delay_is_told_to_all_at_once_and_all_of_it_can_be_cancelled(settle_events: Any) -> None:
    small_shop.build({("lager", HOOK): 3, ("bonn", LURE): 2})
    with transaction() as session:
        small_shop.locations.one(session, "bonn").cut_off = "18:00"
    snapshot.forget()
    ref = paid(settle_events, (HOOK, 1), (LURE, 1))
    with clock.frozen(WEDNESDAY + timedelta(hours=4)):
        watch.tend()
        row = open_exception(ref)
        assert row.told_at is None
        assert owed.tell_untold(actor="Ute") == 1
        assert owed.tell_untold(actor="Ute") == 0
        settle_events()
        (letter,) = rows(Message, kind="promise")
        assert "Alles Offene stornieren" in letter.body_text
        assert letter.facts["all_minor"] > letter.facts["refund_minor"] > 0
        back = exceptional.choose(ref, "all", by="customer")
        assert back == letter.facts["all_minor"]
        assert open_exception(ref) is None
    with reading() as session:
        assert orders.by_ref(session, ref).state in {"cancelled", "completed"}


def subscribe(address: str) -> None:
    with transaction() as session:
        asking = consents.Asking("Ja", "de", "shop", "127.0.0.1")
        token = consents.ask(session, address, consents.NEWSLETTER, asking)
        assert token
        if not address.startswith("nur-"):
            consents.confirm(session, token, ip="127.0.0.1")


def issue() -> Any:
    texts = {"subject_de": "Zander", "text_de": "Tief fischen."}
    return newsletters.save(None, texts, actor="Ute")


@pytest.mark.usefixtures("sound")
def test_a_newsletter_reaches_who_has_confirmed_and_has_no_problem_once(
    settle_events: Any, sent: list[Any]
) -> None:
    ref = bought(settle_events)  # Two parcels that nobody has told of yet: a problem.
    for address in (EMAIL, "froh@example.org", "nur-gefragt@example.org"):
        subscribe(address)
    with reading() as session:
        assert newsletters.audience(session) == (1, 1)
    number = issue()
    row = newsletters.send(number, actor="Ute")
    assert (row.recipients, row.held_back) == (1, 1)
    with pytest.raises(Refused, match="newsletter_sent"):
        newsletters.send(number, actor="Ute")
    with pytest.raises(Invalid, match="newsletter"):
        newsletters.save(None, {"subject_de": "x"}, actor="Ute")
    (letter,) = rows(Message, kind="newsletter")
    assert letter.recipient == "froh@example.org"
    send_all()
    # The notice has been given: nothing is open any more.
    assert notice(ref).told_at is not None
    (mail,) = [one for one in sent if one["To"] == "froh@example.org"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"] == f"<{letter.facts['unsubscribe_url']}>"
    others = [one for one in sent if one["To"] != "froh@example.org"]
    assert others
    assert all(one["List-Unsubscribe"] is None for one in others)
    assert newsletters.send(issue(), actor="Ute").held_back == 0
    office_order.hold(ref, reason="Adresse unklar", actor="Ute")
    with reading() as session:
        assert evidence.problem_of(session, EMAIL) == "stopped"
    assert newsletters.send(issue(), actor="Ute").held_back == 1
    office_order.release(ref, actor="Ute")
    assert newsletters.send(issue(), actor="Ute").held_back == 0


def test_an_order_is_no_consent(settle_events: Any) -> None:
    small_shop.build(STOCK)
    ref = paid(settle_events, (LURE, 1))
    with transaction() as session:
        facts = {"ref": ref, "name": "x", "lines": [], "unsubscribe_url": "http://shop.test/x"}
        asked = PersonalMail("review_request", EMAIL, "de", facts)
        assert account_letters.write(session, asked, key="review/x") is None
    assert rows(Message, kind="review_request") == []
    assert [r["truth"] for r in rows(MessageRefusal)[0].reasons] == ["wanted"]


def test_one_click_leaves_without_a_page_between(client: Any) -> None:
    subscribe("froh@example.org")
    newsletters.send(issue(), actor="Ute")
    (letter,) = rows(Message, kind="newsletter")
    path = letter.facts["unsubscribe_url"].removeprefix("http://shop.test")
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    with reading() as session:
        assert not consents.given(session, "froh@example.org", consents.NEWSLETTER)
    assert newsletters.send(issue(), actor="Ute").recipients == 0


def test_the_office_sees_what_was_written_refused_and_owed(settle_events: Any, app: Any) -> None:
    hire("office")
    ref = bought(settle_events)
    with transaction() as session:
        said = Said("shipped", "mail", {"parcels": []}, "", "", 0)
        reasons = gate.judge(said)
        gate.refuse(session, said, reasons, key="k", recipient=EMAIL, order_ref=ref, facts={})
    client = at_work(app, "office")
    (letter,) = rows(Message, kind="split")
    shown = client.get(f"/office/messages/{letter.id}").text
    assert "Wie der Kunde es sieht" in shown
    framed = client.get(f"/office/messages/{letter.id}/html")
    assert framed.text == letter.body_html
    assert "default-src 'none'" in framed.headers["Content-Security-Policy"]
    assert "Paket unterwegs" in client.get("/office/messages/refused").text
    assert ref in client.get("/office/messages/notices").text
    assert letter.subject in client.get("/office/messages?kind=split&only=waiting").text
    (refusal,) = rows(MessageRefusal)
    client.post(f"/office/messages/refused/{refusal.id}", data={"note": "gesehen"})
    assert rows(MessageRefusal)[0].note == "gesehen"
    client.post(f"/office/messages/notices/{notice(ref).id}", data={"how": "call", "note": "ok"})
    assert notice(ref).told_by == "call"
    page = client.get("/office/messages/kinds/split?lang=en").text
    assert "in 2 parcels" in page
    assert client.get("/office/messages/kinds").text.count("<tr>") == 26
    assert client.get("/office/messages/kinds/spam").status_code == 404
    form = {"subject_de": "Zander", "text_de": "Tief."}
    assert client.post("/office/newsletters", data=form).status_code == 303
    assert "Zander" in client.get("/office/newsletters").text
