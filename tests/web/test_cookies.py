"""The session cookie: what Flask writes is read, what is written Flask reads, all else is not."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

from app.web.cookies import WORTH_PACKING, LastingCookies

SHORT = {"basket": "token", "_flashes": [("basket", "Spinner liegt im Warenkorb.")]}
LONG = {"buyer": {"wish_text": "neben der Tür " * 100}}


def _flask(secret: str, *former: str) -> Flask:
    app = Flask("cookies")
    app.config.update(SECRET_KEY=secret, SECRET_KEY_FALLBACKS=list(former))
    return app


ODD = {
    "plain": [1, 2.5, None, True, 'ä{" t": [1]}'],
    "alone": {" t": {"not": "a tuple"}},
    "more": {"pair": (1, ("two", [3])), "at": datetime(2026, 11, 22, 12, tzinfo=UTC)},
    "bytes": b"\x00\xff",
    "id": UUID(int=7),
}


@pytest.mark.parametrize("said", [SHORT, LONG, ODD], ids=["short", "long", "odd"])
def test_flask_and_the_shop_read_each_others_cookies(said: dict[str, object]) -> None:
    app = _flask("one")
    own = LastingCookies().get_signing_serializer(app)
    flasks = SecureCookieSessionInterface().get_signing_serializer(app)
    assert own is not None
    assert flasks is not None

    assert flasks.loads(own.dumps(said)) == said
    assert own.loads(flasks.dumps(said)) == said


def test_only_what_is_long_is_packed() -> None:
    own = LastingCookies().get_signing_serializer(_flask("one"))
    assert own is not None

    assert own.dumps(SHORT)[0] != "."
    packed = own.dumps(LONG)
    assert packed[0] == "."
    assert len(packed) < WORTH_PACKING


def test_a_cookie_of_another_secret_or_with_another_word_is_not_read() -> None:
    cookies = LastingCookies()
    first = cookies.get_signing_serializer(_flask("one"))
    assert first is not None
    given = first.dumps(SHORT)
    second = cookies.get_signing_serializer(_flask("two"))
    assert second is not None

    with pytest.raises(BadSignature):
        second.loads(given)
    with pytest.raises(BadSignature):
        first.loads("x" + given)


def test_a_former_secret_is_read_and_the_new_one_signs() -> None:
    given = LastingCookies().get_signing_serializer(_flask("one"))
    both = LastingCookies().get_signing_serializer(_flask("two", "one"))
    alone = LastingCookies().get_signing_serializer(_flask("two"))
    assert given is not None
    assert both is not None
    assert alone is not None

    assert both.loads(given.dumps(SHORT)) == SHORT
    assert alone.loads(both.dumps(SHORT)) == SHORT


def test_a_cookie_that_is_too_old_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    own = LastingCookies().get_signing_serializer(_flask("one"))
    assert own is not None
    given = own.dumps(SHORT)
    now = TimestampSigner("x").get_timestamp()
    lasts = int(timedelta(days=31).total_seconds())

    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: now + lasts + 5)
    with pytest.raises(SignatureExpired):
        own.loads(given, max_age=lasts)
    assert own.loads(given, max_age=lasts + 10) == SHORT


def test_without_a_secret_there_is_no_session() -> None:
    assert LastingCookies().get_signing_serializer(Flask("none")) is None
