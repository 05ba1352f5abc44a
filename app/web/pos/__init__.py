"""pos"""

from flask import Blueprint

blueprint = Blueprint("pos", __name__)
