"""The tasks of a place, with how many wait: the floor's menu, and the pages that show it."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.identity import permissions
from app.messages import calls
from app.sales import store_holds
from app.web.floor.room import chosen_place
from app.workflows import inspecting
from fulfilment.inbound import incoming
from fulfilment.models import CountTask, FulfilmentOrder, Location


@dataclass(frozen=True)
class Entry:
    """A task: its page, its sign, and how many wait."""

    label: str
    href: str
    icon: str
    count: int
    current: bool


def entries(session: Session, here: Location, current: str) -> list[Entry]:
    """Return the tasks that the signed-in person may do at a place."""
    counts = _counts(session, here)
    found = [
        ("jobs", _("Picken"), "barcode"),
        ("waves", _("Welle"), "list-checks"),
        ("manifests", _("Übergabe"), "truck"),
        ("pickups", _("Abholung"), "storefront"),
        ("holds", _("Reserviert"), "tray"),
        ("receiving", _("Eingang"), "package"),
        ("returns", _("Rückgaben"), "arrow-counter-clockwise"),
        ("counting", _("Zählen"), "clipboard-text"),
        ("calls", _("Anrufe"), "phone"),
    ]
    return [
        Entry(
            str(label),
            url_for(f"floor.{name}", **chosen_place()),
            icon,
            counts.get(name, 0),
            name == current,
        )
        for name, label, icon in found
        if permissions.may(current_user.role, f"floor.{name}")
        and (here.kind == "store" or name not in {"pickups", "holds"})
    ]


def page(template: str, session: Session, here: Location, current: str, **facts: Any) -> str:
    """Return a page of a place, with its menu; `current` is the task that it belongs to."""
    menu = entries(session, here, current)
    return render_template(template, here=here, menu=menu, **facts)


def _counts(session: Session, here: Location) -> dict[str, int]:
    job = FulfilmentOrder
    states = select(job.kind, job.state, func.count()).where(
        job.location == here.code, job.state.in_(("open", "picking", "picked", "packed"))
    )
    by_state = {
        (kind, state): number
        for kind, state, number in session.execute(states.group_by(job.kind, job.state))
    }
    to_count = select(func.count()).where(
        CountTask.location == here.code, CountTask.done_at.is_(None)
    )
    return {
        "jobs": sum(number for (_kind, state), number in by_state.items() if state == "open"),
        "manifests": by_state.get(("parcel", "packed"), 0),
        "pickups": by_state.get(("collect", "packed"), 0),
        "holds": sum(one.state == "held" for one in store_holds.open_at(session, here.code)),
        "receiving": len(incoming.coming(session, here.code)),
        "returns": len(inspecting.waiting(session, here.code)),
        "counting": session.scalar(to_count) or 0,
        "calls": len(calls.due(session, here.code)),
    }
