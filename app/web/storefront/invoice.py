"""Invoices and their corrections as PDF, behind the order's secret link or the account."""

from flask import request
from werkzeug.wrappers import Response

from app.invoicing import issued, papers
from app.sales import orders
from app.web.session import limiter
from app.web.storefront.room import blueprint
from kit.database import reading
from kit.errors import NotFound


@blueprint.get("/bestellung/<ref>/rechnung/<number>.pdf")
@limiter.limit("60 per minute")
def invoice(ref: str, number: str) -> Response:
    """Print an invoice of an order again, as it was issued."""
    with reading() as session:
        order = orders.by_ref_and_token(session, ref, request.args.get("t", ""))
        paper = issued.by_number(session, number)
    if paper.order_ref != order.ref:
        raise NotFound("invoice", number=number)
    answer = Response(papers.pdf(paper), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{paper.number}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
