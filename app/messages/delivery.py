"""Send what was written: by SMTP, outside of any transaction, until it is gone."""

import re
import smtplib
import uuid
from collections.abc import Sequence
from email.message import EmailMessage
from urllib.parse import urlsplit

import css_inline
from flask import current_app
from sqlalchemy.orm import Session

from app.events import MessageWritten
from app.legal import pages as legal_pages
from app.legal import papers as legal_papers
from app.legal import retailers, texts
from app.messages import account_letters
from app.messages.models import Message
from kit import clock
from kit.database import reading, transaction

_TIMEOUT_SECONDS = 5


def send(event: MessageWritten) -> None:
    """Send one mail (handler of `MessageWritten`, outside).

    A process that dies between sending and noting it sends again: the Message-ID stays the same,
    so that the receiving side can tell.
    """
    message_id = uuid.UUID(event.message_id)
    with reading() as session:
        message = session.get_one(Message, message_id)
        papers = _papers(session, message)
    if message.sent_at is not None:
        return
    config = current_app.config["KONTOR"]
    if config.smtp_url is None:
        raise RuntimeError("SMTP_URL is not set; the mail waits")
    _hand_over(config.smtp_url, as_mail(message, config.mail_from, config.public_url, papers))
    with transaction() as session:
        sent = session.get_one(Message, message_id, with_for_update=True)
        sent.sent_at = clock.now()
        sent.attempts += 1
        account_letters.blot(sent)


def _papers(session: Session, message: Message) -> list[tuple[str, bytes]]:
    """Return the papers that go with a mail: legal texts in the version that it names."""
    found = []
    for one in message.attachments:
        version = (
            texts.version(session, one["page"], one["version"])
            if one["version"]
            else legal_pages.sample(one["page"], message.created_at)
        )
        seller = retailers.in_force(session, message.created_at)
        pdf = legal_papers.pdf(version, one["language"], seller, one["facts"])
        found.append((f"{version.texts[one['language']]['title']}.pdf", pdf))
    return found


def as_mail(
    message: Message,
    sender: str,
    public_url: str,
    papers: Sequence[tuple[str, bytes]] = (),
) -> EmailMessage:
    """Return a message as MIME: plain text, HTML with its styles inlined, and papers as PDF."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Date"] = clock.berlin(message.created_at)
    host = urlsplit(public_url).hostname or "kontor"
    mail["Message-ID"] = f"<{message.id}@{host}>"
    # An answer to a machine's mail must not start a conversation between machines (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body_text)
    mail.add_alternative(css_inline.inline(message.body_html), subtype="html")
    for name, pdf in papers:
        mail.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    return mail


def _hand_over(smtp_url: str, mail: EmailMessage) -> None:
    parts = urlsplit(smtp_url)
    client = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    port = parts.port or (465 if parts.scheme == "smtps" else 25)
    with client(parts.hostname or "localhost", port, timeout=_TIMEOUT_SECONDS) as smtp:
        if re.search(r"starttls", parts.query):
            smtp.starttls()
        if parts.username:
            smtp.login(parts.username, parts.password or "")
        smtp.send_message(mail)
