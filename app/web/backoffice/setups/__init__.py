"""Rules, costs and calendars: edited as a draft, seen before, put in force with a reason."""

from app.web.backoffice.setups import overview, places, publishing, tariffs

__all__ = ["overview", "places", "publishing", "tariffs"]
