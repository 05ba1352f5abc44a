"""What the tests of accounts share: signing in by the link of a mail."""

import re

from flask.testing import FlaskClient
from sqlalchemy import select

from app.messages.models import Message
from kit.database import reading


def newest_mail(kind: str) -> Message:
    """Return the mail of a kind that was written last."""
    with reading() as session:
        query = select(Message).where(Message.kind == kind).order_by(Message.id.desc()).limit(1)
        found = session.scalar(query)
    assert found is not None, f"no mail of kind {kind}"
    return found


def link_in(mail: Message) -> str:
    """Return the path of the first link of a mail's text, without the shop's address."""
    found = re.search(r"http://shop\.test(/\S+)", mail.body_text)
    assert found, mail.body_text
    return found[1]


def sign_in(client: FlaskClient, email: str, **form: str) -> str:
    """Sign in by mail; return the link that was used."""
    assert client.post("/anmelden", data={"email": email, **form}).status_code == 200
    link = link_in(newest_mail("sign_in"))
    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 303
    return link
