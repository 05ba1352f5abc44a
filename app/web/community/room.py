"""The community's blueprint, in a file of its own so that every view can import it."""

from flask import Blueprint

blueprint = Blueprint("community", __name__)
