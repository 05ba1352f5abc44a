"""The newsletter's double opt-in: asked, confirmed by mail, and left in one step.

Stored are the words that were shown, the times and the IP addresses (Art. 7 (1) GDPR). The mail
that asks holds no advertising. Placing an order is never a consent.
"""

from app.identity import mail_links
from app.messages import account_letters
from app.messages.account_letters import PersonalMail
from kit.database import transaction
from kit.ids import new_id
from loyalty import consents
from loyalty.consents import NEWSLETTER, Asking


def ask(email: str, asking: Asking) -> str:
    """Ask an address by mail whether it wants the newsletter; say the same whatever it did before.

    Raises:
        Invalid: ``email``.
    """
    address = mail_links.normal_email(email)
    with transaction() as session:
        token = consents.ask(session, address, NEWSLETTER, asking)
        if token is not None:
            mail = PersonalMail("newsletter_confirm", address, asking.language, {}, secret=token)
            account_letters.write(session, mail, key=f"newsletter_confirm/{new_id()}")
    return address


def confirm(token: str, *, ip: str) -> str:
    """Confirm with the link of the mail; return the address.

    Raises:
        Refused: ``consent_link``.
    """
    with transaction() as session:
        return consents.confirm(session, token, ip=ip)


def leave(email: str, *, source: str, ip: str) -> bool:
    """Take the consent back, at once; return whether there was one."""
    with transaction() as session:
        return consents.withdraw(session, email, NEWSLETTER, source=source, ip=ip)
