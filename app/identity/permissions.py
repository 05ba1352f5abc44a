"""Who may do what: one table of endpoint × role. What is not listed is open to nobody."""

CASHIER, PICKER, LEAD = "cashier", "picker", "store_lead"
SERVICE, OFFICE, ADMIN = "service", "back_office", "admin"

_FLOOR = {PICKER, LEAD, OFFICE, ADMIN}
_DESK = {SERVICE, OFFICE, ADMIN}
_DESK_AND_LEAD = {LEAD, *_DESK}

ALLOWED: dict[str, set[str]] = {
    "floor.jobs": _FLOOR,
    "floor.job": _FLOOR,
    "floor.start": _FLOOR,
    "floor.put_back": _FLOOR,
    "floor.scan": _FLOOR,
    "floor.short_pick": _FLOOR,
    "floor.finish": _FLOOR,
    "floor.pack": _FLOOR,
    "floor.hand_over": _FLOOR,
    "floor.slip": _FLOOR,
    "floor.calls": {CASHIER, *_FLOOR},
    "floor.call_done": {CASHIER, *_FLOOR},
    "backoffice.board": _DESK_AND_LEAD,
    "backoffice.orders": _DESK_AND_LEAD,
    "backoffice.order": _DESK_AND_LEAD,
    "backoffice.stock": _DESK_AND_LEAD,
    "backoffice.stock_item": _DESK_AND_LEAD,
    "backoffice.calls": _DESK_AND_LEAD,
    "backoffice.call_done": _DESK_AND_LEAD,
    "backoffice.messages": _DESK_AND_LEAD,
    "backoffice.message": _DESK_AND_LEAD,
    "backoffice.photos": _DESK,
    "backoffice.photo_decide": _DESK,
    "backoffice.photo_file": _DESK,
    "backoffice.invariants": {OFFICE, ADMIN},
    "backoffice.clock": {OFFICE, ADMIN},
    "backoffice.returns": _DESK_AND_LEAD,
}


def may(role: str, endpoint: str) -> bool:
    """Tell whether a role may use an endpoint."""
    return role in ALLOWED.get(endpoint, set())
