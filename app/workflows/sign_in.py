"""Customers sign in by a link in a mail; their card of the counter becomes the same customer.

1. `ask` sends the link, to known and unknown addresses alike: the answer tells nothing.
2. `enter` uses it, once: the account of the address, made with the first sign-in, and a session.
3. `ask_for_card` and `link_card` join a number of the counter with the account, after a mail to
   the address that was left at the counter.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity import customers as accounts
from app.identity import mail_links
from app.identity.customer_models import CustomerAccount
from app.messages import account_letters
from app.messages.account_letters import PersonalMail
from app.sales.models import Order
from kit.database import transaction
from kit.errors import Invalid, NotFound, Refused
from kit.ids import new_id
from loyalty import customers, points


@dataclass(frozen=True)
class Entered:
    """A fresh session: its token, where the customer wanted to go, whether the account is new."""

    token: str
    next_path: str
    number: str
    is_new: bool


def ask(email: str, language: str, next_path: str = "") -> str:
    """Send a sign-in link to an address; return the address as it is compared.

    Whoever asks learns nothing: every address gets a mail, and one that had too many gets none.

    Raises:
        Invalid: ``email``.
    """
    address = mail_links.normal_email(email)
    with transaction() as session:
        token = mail_links.make(session, address, "sign_in", next_path=next_path)
        if token is not None:
            _write(session, "sign_in", address, language, token, {})
    return address


def enter(token: str, agent: str, language: str) -> Entered:
    """Sign in with the link of a mail.

    Args:
        token: of the link.
        agent: what the browser calls itself; shown in the list of devices.
        language: of a customer who is new.

    Raises:
        Refused: ``mail_link``: used, older than fifteen minutes, or never made.
    """
    with transaction() as session:
        link = mail_links.use(session, token, "sign_in")
        account = accounts.account_of(session, link.email)
        is_new = account is None
        if account is None:
            number = _customer_for(session, link.email, language)
            account = accounts.open_account(session, link.email, number)
        started = accounts.start_session(session, account.id, agent)
        return Entered(started, link.next_path, account.number, is_new)


def _customer_for(session: Session, email: str, language: str) -> str:
    """Return the customer number that belongs to a confirmed address, a new one if there is none.

    A family may share an address at the counter: whoever has been a customer for longest and has
    no account yet is meant; the others link their cards by their number.
    """
    for known in customers.by_email(session, email):
        if accounts.account_with_number(session, known.number) is None:
            return known.number
    bought = session.scalar(
        select(Order).where(Order.email == email).order_by(Order.placed_at.desc()).limit(1)
    )
    name = str(bought.address.get("name", "")) if bought else ""
    made = customers.enrol(
        session, name=name or email.partition("@")[0], email=email, language=language
    )
    return made.number


def ask_for_card(account_id: UUID, number: str, language: str) -> bool:
    """Ask the owner of a card whether it may be linked, by mail to the address of the card.

    Returns:
        True where the card was linked at once, because it has the account's own address. False
        says no more than that a mail was sent if number and address are on record.

    Raises:
        Invalid: ``customer_number``: mistyped.
        Refused: ``customer_joined``: it is linked already.
    """
    with transaction() as session:
        account = accounts.account(session, account_id, lock=True)
        card = _card(session, number)
        if card is None:
            return False
        if card.number == account.number:
            raise Refused("customer_joined", number=card.number)
        if card.email.strip().lower() == account.email:
            _join(session, account, card.number)
            return True
        if card.email:
            _ask_owner(session, account, card, language)
        return False


def _card(session: Session, number: str) -> customers.CustomerView | None:
    try:
        return customers.by_number(session, number)
    except NotFound:
        return None


def _ask_owner(
    session: Session, account: CustomerAccount, card: customers.CustomerView, language: str
) -> None:
    try:
        address = mail_links.normal_email(card.email)
    except Invalid:
        return
    token = mail_links.make(
        session, address, "link_card", account_id=account.id, number=card.number
    )
    if token is not None:
        facts = {"number": card.number_shown, "account": account.email}
        _write(session, "link_card", address, language, token, facts)


def link_card(token: str) -> str:
    """Link the card that a mail asked about; return the customer number that stays.

    Raises:
        Refused: ``mail_link``; ``customer_joined``: they are one customer already.
    """
    with transaction() as session:
        link = mail_links.use(session, token, "link_card")
        if link.account_id is None or link.number is None:
            raise Refused("mail_link")
        account = accounts.account(session, link.account_id, lock=True)
        _join(session, account, link.number)
        return account.number


def _join(session: Session, account: CustomerAccount, card: str) -> None:
    """Make card and account one customer. The card's number stays: it is printed, and in use.

    Where the card has an account of its own, that one goes and the number is handed over; its
    owner has just agreed by mail.
    """
    given_up = account.number
    other = accounts.account_with_number(session, card)
    if other is not None and other.id != account.id:
        accounts.end_sessions(session, other.id)
        session.delete(other)
        session.flush()
    points.join(session, given_up, card)
    customers.join(session, given_up, card)
    account.number = card
    session.flush()


def ask_for_email(account_id: UUID, email: str, language: str) -> None:
    """Send a link to a new address that is to become the account's.

    An address that has an account already gets a mail too, whose link says so: the page that asks
    must not tell who is a customer here.

    Raises:
        Invalid: ``email``.
    """
    address = mail_links.normal_email(email)
    with transaction() as session:
        token = mail_links.make(session, address, "change_email", account_id=account_id)
        if token is not None:
            _write(session, "change_email", address, language, token, {})


def change_email(token: str) -> str:
    """Make the address of a mail link the account's; return it.

    Raises:
        Refused: ``mail_link``; ``email_taken``: somebody signs in with it already.
    """
    with transaction() as session:
        link = mail_links.use(session, token, "change_email")
        if link.account_id is None:
            raise Refused("mail_link")
        account = accounts.account(session, link.account_id, lock=True)
        other = accounts.account_of(session, link.email)
        if other is not None and other.id != account.id:
            raise Refused("email_taken")
        account.email = link.email
        known = customers.by_number(session, account.number)
        customers.rename(session, account.number, name=known.name, email=link.email)
        return account.email


def sign_out_others(account_id: UUID, here: UUID) -> None:
    """Sign an account out on every device but this one."""
    with transaction() as session:
        accounts.end_sessions(session, account_id, but=here)


def _write(
    session: Session, kind: str, address: str, language: str, token: str, facts: dict[str, str]
) -> None:
    mail = PersonalMail(kind, address, language, facts, secret=token)
    account_letters.write(session, mail, key=f"{kind}/{new_id()}")
