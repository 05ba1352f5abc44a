"""What a page is compared with: a Flask view that makes one SELECT and returns so many bytes.

Flask as it comes, SQLAlchemy as it comes with its usual pool, one row by its key. No session, no
languages, no templates: what is left is what nobody who writes Flask can leave out.
"""

import os

from flask import Flask, Response
from sqlalchemy import create_engine, text

_ITEM = text("SELECT sku, weight_grams FROM items WHERE sku = :sku")


def create() -> Flask:
    """Return the application."""
    app = Flask(__name__)
    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)

    @app.get("/<int:size>/<sku>")
    def page(size: int, sku: str) -> Response:
        with engine.connect() as connection:
            row = connection.execute(_ITEM, {"sku": sku}).one()
        return Response(row.sku.ljust(size), mimetype="text/html")

    return app


app = create()
