"""Who may do what: one table of endpoint × role. What no table lists fails a test."""

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
    "backoffice.stock_place": _DESK_AND_LEAD,
    "backoffice.stock_safety": {LEAD, OFFICE, ADMIN},
    "backoffice.stock_count": {LEAD, OFFICE, ADMIN},
    "backoffice.stock_count_ask": {LEAD, OFFICE, ADMIN},
    "backoffice.stock_plan": {LEAD, OFFICE, ADMIN},
    "backoffice.stock_correct": {OFFICE, ADMIN},
    "backoffice.reconciliation_page": {OFFICE, ADMIN},
    "backoffice.reconciliation_check": {OFFICE, ADMIN},
    "backoffice.reconciliation_repair": {OFFICE, ADMIN},
    "backoffice.month_proof": {OFFICE, ADMIN},
    "backoffice.incoming_list": _DESK_AND_LEAD,
    "backoffice.incoming_document": _DESK_AND_LEAD,
    "backoffice.incoming_arrive": {LEAD, OFFICE, ADMIN},
    "backoffice.incoming_send": {LEAD, OFFICE, ADMIN},
    "backoffice.incoming_transfer": {LEAD, OFFICE, ADMIN},
    "backoffice.incoming_buy": {OFFICE, ADMIN},
    "backoffice.incoming_add": {OFFICE, ADMIN},
    "backoffice.incoming_reschedule": {OFFICE, ADMIN},
    "backoffice.incoming_cancel": {OFFICE, ADMIN},
    "backoffice.incoming_close": {OFFICE, ADMIN},
    "backoffice.calls": _DESK_AND_LEAD,
    "backoffice.call_done": _DESK_AND_LEAD,
    "backoffice.messages": _DESK_AND_LEAD,
    "backoffice.message": _DESK_AND_LEAD,
    "backoffice.photos": _DESK,
    "backoffice.photo_decide": _DESK,
    "backoffice.photo_file": _DESK,
    "backoffice.invariants": {OFFICE, ADMIN},
    "backoffice.clock": {OFFICE, ADMIN},
}

# What an endpoint asks of someone who has not signed in. Every endpoint of the application stands
# either here or in `ALLOWED`; a test walks the whole map.
PUBLIC, SECRET_LINK, DEVICE, SIGNATURE = "nothing", "secret link", "device token", "signature"
OPEN: dict[str, str] = {
    "_health": PUBLIC,
    "api-docs.openapi_json": PUBLIC,
    "media": PUBLIC,
    "static": PUBLIC,
    "stylesheet": PUBLIC,
    "backoffice.sign_in": PUBLIC,
    "backoffice.sign_out": PUBLIC,
    "community.card": SECRET_LINK,
    "community.picture": PUBLIC,
    "community.take_back": SECRET_LINK,
    "community.upload": SECRET_LINK,
    "pos.till": PUBLIC,
    "pos_api.CustomerByNumber": DEVICE,
    "pos_api.DeviceView": DEVICE,
    "pos_api.ItemByCode": DEVICE,
    "pos_api.Quotes": DEVICE,
    "pos_api.Sales": DEVICE,
    "storefront.basket": PUBLIC,
    "storefront.basket_add": PUBLIC,
    "storefront.basket_customer": PUBLIC,
    "storefront.basket_place": PUBLIC,
    "storefront.basket_quantity": PUBLIC,
    "storefront.basket_remove": PUBLIC,
    "storefront.category": PUBLIC,
    "storefront.checkout": PUBLIC,
    "storefront.checkout_check": PUBLIC,
    "storefront.document": PUBLIC,
    "storefront.film": PUBLIC,
    "storefront.home": PUBLIC,
    "storefront.legal": PUBLIC,
    "storefront.order": PUBLIC,
    "storefront.order_find": PUBLIC,
    "storefront.order_page": SECRET_LINK,
    "storefront.order_paid": SECRET_LINK,
    "storefront.order_pay": SECRET_LINK,
    "storefront.papers": PUBLIC,
    "storefront.product": PUBLIC,
    "storefront.review": PUBLIC,
    "storefront.robots": PUBLIC,
    "storefront.search": PUBLIC,
    "storefront.sitemap": PUBLIC,
    "storefront.stores": PUBLIC,
    "storefront.withdraw": PUBLIC,
    "storefront.withdraw_check": PUBLIC,
    "storefront.withdrawn": PUBLIC,
    "webhooks.stripe": SIGNATURE,
}


def may(role: str, endpoint: str) -> bool:
    """Tell whether a role may use an endpoint."""
    return role in ALLOWED.get(endpoint, set())
