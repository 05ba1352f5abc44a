"""Mails to a person rather than about an order: sign-in links, confirmations, receipts.

A link in them may open an account. It stands in the stored mail only until that is sent, and the
back office never shows such a mail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.messages import writing
from app.messages.kinds import SECRET_KINDS
from app.messages.models import Message
from app.messages.writing import Draft, site

__all__ = ["SECRET_KINDS", "PersonalMail", "blot", "draft", "site", "write"]

_BLOTTED = "•••"


@dataclass(frozen=True)
class PersonalMail:
    """What is to be written to whom.

    `kind` names the templates ``mail/<kind>.txt`` (its first line is the subject) and ``.html``;
    `facts` are plain JSON values for them; `about` is what the gate looks up. `secret` is a token
    for the templates, kept until the mail is sent and no longer. On the page of `order_ref` the
    customer finds it again.
    """

    kind: str
    recipient: str
    language: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    secret: str | None = None
    order_ref: str | None = None
    about: str | None = None
    attachments: Sequence[Mapping[str, Any]] = ()


def write(session: Session, mail: PersonalMail, *, key: str) -> Message | None:
    """Write a mail and put it on its way.

    Args:
        session: the open transaction of the change that it tells of.
        mail: what and to whom.
        key: names the cause once.

    Returns:
        The message; None where one with this key was written before, or the gate refused it.
    """
    return writing.put(session, draft(mail), key=key)


def draft(mail: PersonalMail) -> Draft:
    """Return a mail as what is to be written."""
    facts, secret = dict(mail.facts), mail.secret
    return Draft(
        kind=mail.kind,
        recipient=mail.recipient,
        language=mail.language,
        context={"facts": facts, "secret": secret, "site": site(mail.language)},
        facts={**facts, **({"secret": secret} if secret else {})},
        order_ref=mail.order_ref,
        about=mail.about,
        attachments=mail.attachments,
    )


def blot(message: Message) -> None:
    """Take the secret out of a mail that has been sent."""
    secret = message.facts.get("secret")
    if not secret:
        return
    message.body_text = message.body_text.replace(secret, _BLOTTED)
    message.body_html = message.body_html.replace(secret, _BLOTTED)
    message.facts = {name: value for name, value in message.facts.items() if name != "secret"}
