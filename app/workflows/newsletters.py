"""Write an issue of the newsletter, and send it once to everybody who wants it and is well served.

Who has confirmed is asked again at sending; the gate asks once more. Whoever has a problem open
with us gets none, and none later: an issue is not caught up.
"""

import uuid
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.messages import account_letters, leaving
from app.messages.account_letters import PersonalMail
from app.messages.models import Message, MessageRefusal, Newsletter
from app.sales import orders
from app.sales.models import Order
from app.workflows import evidence
from fulfilment.models import Parcel
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, NotFound, Refused
from loyalty import consents

_LONGEST_SUBJECT, _LONGEST_TEXT = 120, 20_000
# So long after the last parcel came, and no longer.
_REVIEW_AFTER, _REVIEW_UNTIL = timedelta(days=10), timedelta(days=17)


def save(issue_id: uuid.UUID | None, texts: dict[str, str], *, actor: str) -> uuid.UUID:
    """Keep a draft; return its id.

    Args:
        issue_id: of the draft that is changed; None for a new one.
        texts: ``subject_de``, ``subject_en``, ``text_de``, ``text_en``; without English the German
            goes to everybody.
        actor: who wrote it.

    Raises:
        Invalid: ``newsletter``: the German subject or text is missing, or too long.
        NotFound: ``newsletter``.
        Refused: ``newsletter_sent``.
    """
    clean = {name: texts.get(name, "").strip() for name in _FIELDS}
    for language in ("de", "en"):
        subject, text = clean[f"subject_{language}"], clean[f"text_{language}"]
        if len(subject) > _LONGEST_SUBJECT or len(text) > _LONGEST_TEXT or "\n" in subject:
            raise Invalid("newsletter")
    if not clean["subject_de"] or not clean["text_de"]:
        raise Invalid("newsletter")
    with transaction() as session:
        if issue_id is None:
            row = Newsletter(made_at=clock.now(), made_by=actor, recipients=0, held_back=0, **clean)
            session.add(row)
        else:
            row = _draft(session, issue_id)
            for name, value in clean.items():
                setattr(row, name, value)
        session.flush()
        return row.id


_FIELDS = ("subject_de", "subject_en", "text_de", "text_en")


def send(issue_id: uuid.UUID, *, actor: str) -> Newsletter:
    """Send an issue, once.

    Raises:
        NotFound: ``newsletter``.
        Refused: ``newsletter_sent``.
    """
    with transaction() as session:
        row = _draft(session, issue_id)
        row.sent_at, row.sent_by = clock.now(), actor
        for address, language in consents.confirmed(session, consents.NEWSLETTER):
            speaks = language if language == "en" and row.subject_en and row.text_en else "de"
            facts = {
                "subject": row.subject_en if speaks == "en" else row.subject_de,
                "text": row.text_en if speaks == "en" else row.text_de,
                "unsubscribe_url": leaving.address(address, speaks),
            }
            mail = PersonalMail("newsletter", address, speaks, facts)
            written = account_letters.write(session, mail, key=_key(row, address))
            row.recipients += written is not None
            row.held_back += written is None
        _seen(session)
        return row


def _draft(session: Session, issue_id: uuid.UUID) -> Newsletter:
    row = session.get(Newsletter, issue_id, with_for_update=True)
    if row is None:
        raise NotFound("newsletter")
    if row.sent_at is not None:
        raise Refused("newsletter_sent")
    return row


def _key(row: Newsletter, address: str) -> str:
    return f"newsletter/{row.id}/{uuid.uuid5(row.id, address)}"


def _seen(session: Session) -> None:
    """What is held back is counted with its issue; nobody has to see to it."""
    rows = session.scalars(
        select(MessageRefusal).where(
            MessageRefusal.seen_at.is_(None),
            MessageRefusal.kind.in_(("newsletter", "review_request")),
        )
    )
    for row in rows:
        row.seen_at, row.seen_by, row.note = clock.now(), "kontor", "held_back"


def audience(session: Session) -> tuple[int, int]:
    """Return how many would get an issue now, and how many are held back by a problem."""
    problems = [
        evidence.problem_of(session, address)
        for address, _language in consents.confirmed(session, consents.NEWSLETTER)
    ]
    held = sum(problem is not None for problem in problems)
    return len(problems) - held, held


def ask_for_reviews() -> int:
    """Ask how it was, some days after all has come, whoever wants mail from us (a duty).

    A question for praise is advertising (BGH VI ZR 225/17): it needs the newsletter's consent, and
    nothing that is not solved. Once per order.
    """
    now = clock.now()
    with reading() as session:
        came = (
            select(Parcel.order_ref)
            .group_by(Parcel.order_ref)
            .having(
                func.count() == func.count(Parcel.delivered_at),
                func.max(Parcel.delivered_at).between(now - _REVIEW_UNTIL, now - _REVIEW_AFTER),
            )
        )
        refs = session.scalars(
            select(Order.ref).where(
                Order.ref.in_(came), Order.state == "completed", Order.email.is_not(None),
                ~select(Message.id).where(Message.key == "review/" + Order.ref).exists(),
            )
        ).all()  # fmt: skip
    return sum(_ask_for_review(ref) for ref in refs)


def _ask_for_review(ref: str) -> bool:
    with transaction() as session:
        order = orders.by_ref(session, ref)
        address = (order.email or "").lower()
        known = evidence.of_address(session, address)
        if not known.consents or known.problem:
            return False
        lines = [
            {"sku": line.sku, "title": line.title, "quantity": line.shipped}
            for line in orders.lines_of(session, order)
            if line.shipped > line.returned
        ]
        if not lines:
            return False
        facts = {
            "ref": ref,
            "name": str(order.address.get("name", "")),
            "lines": lines,
            "unsubscribe_url": leaving.address(address, order.language),
        }
        mail = PersonalMail("review_request", address, order.language, facts, order_ref=ref)
        return account_letters.write(session, mail, key=f"review/{ref}") is not None
