"""Mails to a person rather than about an order: sign-in links, confirmations, receipts.

A link in them may open an account. It stands in the stored mail only until that is sent, and the
back office never shows such a mail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events import MessageWritten
from app.messages.models import Message
from kit import clock, events

# Mails whose text opens something for whoever reads it.
SECRET_KINDS = frozenset({"sign_in", "link_card", "change_email", "newsletter_confirm"})
_BLOTTED = "•••"


@dataclass(frozen=True)
class PersonalMail:
    """What is to be written to whom.

    `kind` names the templates ``mail/<kind>.txt`` (its first line is the subject) and ``.html``;
    `facts` are plain JSON values for them. `secret` is a token for the templates, kept until the
    mail is sent and no longer. On the page of `order_ref` the customer finds it again.
    """

    kind: str
    recipient: str
    language: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    secret: str | None = None
    order_ref: str | None = None
    attachments: Sequence[Mapping[str, Any]] = ()


def write(session: Session, mail: PersonalMail, *, key: str) -> Message | None:
    """Render a mail and put it on its way; None where one with this key was written before.

    Args:
        session: the open transaction of the change that it tells of.
        mail: what and to whom.
        key: names the cause once.
    """
    if session.scalar(select(Message.id).where(Message.key == key)):
        return None
    facts, secret = dict(mail.facts), mail.secret
    with force_locale(mail.language):
        given = {"facts": facts, "language": mail.language, "secret": secret}
        given["site"] = site(mail.language)
        body_text = render_template(f"mail/{mail.kind}.txt", **given)
        body_html = render_template(f"mail/{mail.kind}.html", **given)
    subject, _, rest = body_text.strip().partition("\n")
    message = Message(
        order_ref=mail.order_ref,
        kind=mail.kind,
        recipient=mail.recipient,
        subject=subject.strip(),
        body_text=rest.strip() + "\n",
        body_html=body_html,
        facts={**facts, **({"secret": secret} if secret else {})},
        attachments=[dict(one) for one in mail.attachments],
        created_at=clock.now(),
        attempts=0,
        key=key,
    )
    session.add(message)
    session.flush()
    events.record(session, MessageWritten(message_id=str(message.id)))
    return message


def blot(message: Message) -> None:
    """Take the secret out of a mail that has been sent."""
    secret = message.facts.get("secret")
    if not secret:
        return
    message.body_text = message.body_text.replace(secret, _BLOTTED)
    message.body_html = message.body_html.replace(secret, _BLOTTED)
    message.facts = {name: value for name, value in message.facts.items() if name != "secret"}


def site(language: str) -> str:
    """Return the address of the shop in a language, without a slash at its end."""
    public_url = str(current_app.config["KONTOR"].public_url)
    return public_url if language == "de" else f"{public_url}/{language}"
