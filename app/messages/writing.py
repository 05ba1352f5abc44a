"""The one place that writes to people: render, ask the gate, keep, put on its way.

Every message goes through `put`, by whatever it is wrapped in (`letters.write` about an order,
`account_letters.write` to a person). A test searches the code for others.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events import MessageWritten
from app.i18n import formats
from app.messages import evidence, gate, quiet
from app.messages.kinds import KINDS, Kind
from app.messages.models import Message
from app.messages.said import Said
from kit import clock, events

_TAGS = re.compile(r"<(style|head|script)\b.*?</\1>|<[^>]+>", re.DOTALL)


@dataclass(frozen=True)
class Draft:
    """A message that is to be written.

    Attributes:
        kind: its name in `KINDS`.
        recipient: mail address, None where there is none.
        phone: for an SMS.
        channel: what the customer prefers: ``mail``, ``sms`` (``call`` is nobody's draft).
        language: ``de`` or ``en``.
        context: what the templates get.
        facts: the same as plain JSON, kept beside the message.
        letter: the typed letter, where there is one.
        promised_on: the day that its text must quote.
        about: reference of the order or hold that the gate looks up.
        order_ref: on whose page the customer finds it again.
        attachments: see `Message`.
    """

    kind: str
    recipient: str | None
    language: str
    context: Mapping[str, Any]
    facts: Mapping[str, Any]
    phone: str | None = None
    channel: str = "mail"
    letter: Any = None
    promised_on: date | None = None
    about: str | None = None
    order_ref: str | None = None
    attachments: Sequence[Mapping[str, Any]] = field(default=())


@dataclass(frozen=True)
class Rendered:
    """A message in words."""

    subject: str
    text: str
    html: str

    @property
    def size(self) -> int:
        """Bytes of text and HTML."""
        return len(self.text.encode()) + len(self.html.encode())


def put(session: Session, draft: Draft, *, key: str) -> Message | None:
    """Write a message and put it on its way, unless it would say what is not so.

    Args:
        session: the transaction of the change that it tells of.
        draft: what is to be said to whom.
        key: names the cause once; a second message with the same key is not written.

    Returns:
        The message; None where it was written before, nobody can get it, or the gate refused it.
    """
    channel = _channel(draft)
    recipient = draft.phone if channel == "sms" else draft.recipient
    if not recipient or session.scalar(select(Message.id).where(Message.key == key)):
        return None
    words = render(draft, channel)
    said = heard(session, draft, words, channel)
    reasons = gate.judge(said)
    if reasons:
        gate.refuse(
            session, said, reasons,
            key=key, recipient=recipient, order_ref=draft.order_ref, facts=draft.facts,
        )  # fmt: skip
        return None
    now = clock.now()
    message = Message(
        order_ref=draft.order_ref,
        kind=draft.kind,
        channel=channel,
        language=draft.language,
        recipient=recipient,
        subject=words.subject,
        body_text=words.text,
        body_html=words.html,
        facts=dict(draft.facts),
        attachments=[dict(one) for one in draft.attachments] if channel == "mail" else [],
        created_at=now,
        hold_until=_held_until(KINDS[draft.kind], channel, now),
        attempts=0,
        key=key,
    )
    session.add(message)
    session.flush()
    gate.settle(session, key)
    if message.hold_until is None:
        events.record(session, MessageWritten(message_id=str(message.id)))
    return message


def admits(session: Session, draft: Draft, *, key: str) -> bool:
    """Tell whether the gate lets something be said by a person on the telephone.

    The same truths as for the mail: what must not be written is not read out either.
    """
    words = render(draft, "mail")
    said = heard(session, draft, words, "mail")
    reasons = gate.judge(said)
    if reasons:
        gate.refuse(
            session, said, reasons,
            key=key, recipient=draft.phone or "", order_ref=draft.order_ref, facts=draft.facts,
        )  # fmt: skip
    return not reasons


def render(draft: Draft, channel: str) -> Rendered:
    """Return a draft in words of its language."""
    with force_locale(draft.language):
        given = {**draft.context, "language": draft.language}
        folder = "sms" if channel == "sms" else "mail"
        text = render_template(f"{folder}/{draft.kind}.txt", **given).strip()
        if channel == "sms":
            return Rendered(text.partition("\n")[0], re.sub(r"\s*\n\s*", "\n", text), "")
        body_html = render_template(f"mail/{draft.kind}.html", **given)
    # The first line of the text is the subject: one source for both.
    subject, _, rest = text.partition("\n")
    return Rendered(subject.strip(), rest.strip() + "\n", body_html)


def heard(session: Session, draft: Draft, words: Rendered, channel: str) -> Said:
    """Return what a draft says beside what the books say."""
    kind, books = KINDS.get(draft.kind), evidence.books()
    about = kind.about if kind else ""
    promise = None
    if draft.promised_on:
        with force_locale(draft.language):
            promise = formats.day_and_date(draft.promised_on)
    return Said(
        kind=draft.kind,
        channel=channel,
        facts=draft.facts,
        text="\n".join((words.subject, words.text, _read(words.html))),
        html=words.html,
        size=words.size,
        letter=draft.letter,
        promise=promise,
        order=books.order(session, draft.about) if about == "order" and draft.about else None,
        hold=books.hold(session, draft.about) if about == "hold" and draft.about else None,
        address=books.address(session, draft.recipient)
        if about == "address" and draft.recipient
        else None,
        paper=_paper(session, about, draft.about),
    )


def _paper(session: Session, about: str, ref: str | None) -> evidence.PaperSeen | None:
    books = evidence.books()
    look_up = {"offer": books.offer, "receipt": books.receipt}.get(about)
    return look_up(session, ref) if look_up and ref else None


def _read(body_html: str) -> str:
    """Return the words of an HTML body, without its tags and styles."""
    return re.sub(r"\s+", " ", html.unescape(_TAGS.sub(" ", body_html)))


def _channel(draft: Draft) -> str:
    """Return how a draft goes: by SMS where that is wanted, possible and set up, else by mail."""
    kind = KINDS.get(draft.kind)
    ready = bool(current_app.config["KONTOR"].sms_url)
    if kind and kind.sms and draft.phone and ready and (
        draft.channel == "sms" or not draft.recipient
    ):  # fmt: skip
        return "sms"
    return "mail"


def _held_until(kind: Kind, channel: str, now: datetime) -> datetime | None:
    if kind.awaited or (channel == "mail" and kind.topic != "advertising"):
        return None
    return quiet.until(now)


def site(language: str = "de") -> str:
    """Return the address of the shop in a language, without a slash at its end."""
    public_url = str(current_app.config["KONTOR"].public_url)
    return public_url if language == "de" else f"{public_url}/{language}"
