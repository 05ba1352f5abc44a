"""The store that a visitor has chosen: first in every list, and what "in stock" means for them.

Kept in the session cookie because the visitor asked for it (section 25 (2) no. 2 TDDDG).
"""

from typing import Any

from flask import abort, redirect, request, url_for
from flask import session as cookie

from app.web import paths
from app.web.storefront import outlook
from app.web.storefront.room import blueprint
from kit.database import reading

_STORE = "store"


def chosen() -> str | None:
    """Return the code of the chosen store, if any."""
    code: str | None = cookie.get(_STORE)
    return code


def first(stores: list[Any]) -> list[Any]:
    """Return stores with the chosen one first; each has a `code`."""
    own = chosen()
    return sorted(stores, key=lambda store: store.code != own)


@blueprint.post("/filialen/meine")
def choose_store() -> Any:
    """Keep a store, or none, and go back to where that was asked."""
    code = request.form.get("store", "")
    if code:
        with reading() as session:
            if code not in {place.code for place in outlook.stores(session)}:
                abort(404)
        cookie[_STORE] = code
    else:
        cookie.pop(_STORE, None)
    target = paths.within(request.form.get("next"))
    return redirect(target or url_for("storefront.stores"), 303)
