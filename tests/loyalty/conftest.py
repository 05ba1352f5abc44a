"""Fixtures of the tests of loyalty."""

import pytest
from sqlalchemy.orm import Session

from loyalty import customers
from loyalty.customers import CustomerView


@pytest.fixture
def mueller(session: Session) -> CustomerView:
    """Herr Müller, who prefers to be called."""
    return customers.enrol(
        session,
        number="2104881",
        salutation="Herr",
        name="Jürgen Müller",
        email="mueller@post.example",
        phone="+4922812345",
        price_group="club",
        contact_by="call",
        home_location="bonn",
    )
