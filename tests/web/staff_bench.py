"""People who work in the small shop, and their way in."""

from functools import cache

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.identity.models import Staff
from kit import clock
from kit.database import transaction

PASSWORD = "a word that is long enough"
# Who signs in by the name of the role at a place; the others work for the whole shop.
PEOPLE = {
    "lager": ("picker", "lager", "Dirk Hessler"),
    "bonn": ("picker", "bonn", "Lukas Esser"),
    "till": ("cashier", "bonn", "Marie Overath"),
    "lead": ("store_lead", "bonn", "Petra Lindlar"),
    "service": ("service", None, "Jana Klee"),
    "office": ("back_office", None, "Ute Kranz"),
    "admin": ("admin", None, "Karl Amrein"),
}


def hire(*who: str) -> None:
    """Create these people."""
    with transaction() as session:
        for key in who:
            role, location, name = PEOPLE[key]
            session.add(
                Staff(
                    email=f"{key}@angelhaus.example",
                    name=name,
                    role=role,
                    location=location,
                    password_hash=_hash(),
                    active=True,
                    created_at=clock.now(),
                )
            )


@cache
def _hash() -> str:
    # As cheap as argon2 allows: a test signs in often, and nobody guesses here.
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def sign_in(client: FlaskClient, who: str, **form: str) -> TestResponse:
    """Fill in the form as this person."""
    return client.post(
        "/office/sign-in",
        data={"email": f"{who}@angelhaus.example", "password": PASSWORD, **form},
    )


def at_work(app: Flask, who: str) -> FlaskClient:
    """Return a client that has signed in."""
    client = app.test_client()
    assert sign_in(client, who).status_code == 302
    return client
