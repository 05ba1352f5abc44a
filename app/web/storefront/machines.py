"""For machines that read the shop: what they may visit, and what there is."""

from flask import Response, render_template, url_for
from sqlalchemy import select

from app.i18n import LANGUAGES, SOURCE_LANGUAGE
from app.web.storefront.legal import PAGES
from app.web.storefront.room import blueprint
from catalog import landing
from catalog.facets import PUBLISHED
from catalog.models import Category, Product
from kit.database import reading

# A sitemap holds 50,000 addresses at most (sitemaps.org).
MAX_ADDRESSES = 50_000
_PRIVATE = (
    "/warenkorb",
    "/bestellen",
    "/bestellung",
    "/suche",
    "/vertrag-widerrufen/",
    "/vergleich",
)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Say what is nobody's business but the visitor's."""
    prefixes = ["" if code == SOURCE_LANGUAGE else f"/{code}" for code in LANGUAGES]
    lines = ["User-agent: *"]
    lines += [f"Disallow: {prefix}{path}" for prefix in prefixes for path in _PRIVATE]
    lines.append(f"Sitemap: {url_for('storefront.sitemap', _external=True)}")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List every page worth finding, in both languages."""
    with reading() as session:
        shelves = session.scalars(select(Category.slug).order_by(Category.position)).all()
        goods = session.scalars(
            select(Product.slug).where(Product.state == PUBLISHED).order_by(Product.position)
        ).all()
        themes = [page.slug for page in landing.listed(session, shown_only=True)]
    paths = [
        url_for("storefront.home"),
        *(url_for("storefront.category", category=slug) for slug in shelves),
        *(url_for("storefront.theme", theme=slug) for slug in themes),
        *(url_for("storefront.product", product=slug) for slug in goods),
        url_for("storefront.papers"),
        url_for("storefront.stores"),
        *(url_for("storefront.legal", page=page) for page in PAGES),
    ]
    root = url_for("storefront.home", _external=True).removesuffix(url_for("storefront.home"))
    body = render_template(
        "storefront/sitemap.xml",
        root=root,
        paths=paths[: MAX_ADDRESSES // len(LANGUAGES)],
        languages=LANGUAGES,
        source=SOURCE_LANGUAGE,
    )
    return Response(body, mimetype="application/xml")
