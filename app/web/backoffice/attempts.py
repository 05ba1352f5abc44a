"""A write that a form asks for: done and said, or refused and said why."""

from collections.abc import Callable

from flask import flash
from sqlalchemy.orm import Session

from app.web import words
from kit.database import transaction
from kit.errors import KontorError


def attempt(
    act: Callable[[Session], object],
    said: str,
    *,
    in_words: Callable[[KontorError], str] = words.of_error,
    unless: type[KontorError] | None = None,
) -> bool:
    """Do something in a transaction of its own, and tell the person how it went.

    Args:
        act: what is done; what it raises is rolled back.
        said: the words for when it is done.
        in_words: the words for why it was not.
        unless: what is no matter of words: raised again, for the page of errors.

    Returns:
        Whether it was done.
    """
    try:
        with transaction() as session:
            act(session)
    except KontorError as error:
        if unless is not None and isinstance(error, unless):
            raise
        flash(in_words(error), "danger")
        return False
    flash(said, "ok")
    return True
