"""What phones have kept while they had no network: told here, answered step by step."""

import uuid
from pathlib import Path
from typing import Any

from flask import Response, current_app, jsonify, request

from app.web import words
from app.web.floor import packing
from app.web.floor.room import at_work, blueprint
from app.web.session import allowed
from app.workflows import floor_steps
from app.workflows.floor_steps import Packed, Step
from kit.errors import Invalid

_LONGEST = 200
# More than anybody lifts, and far below what a column holds.
_MOST_GRAMS = 1_000_000


@blueprint.post("/steps")
@allowed
def steps() -> Response:
    """Do steps in their order; each is answered by its key, and counts once."""
    told = _told(request.get_json(silent=True))
    answers = floor_steps.report(told, at_work())
    for step, answer in zip(told, answers, strict=True):
        if step.what == "pack" and answer.state == "packed":
            packing.closed(step.job_id)
    return jsonify(
        answers=[
            {
                "key": answer.key,
                "state": answer.state,
                "left": answer.left,
                "words": words.of_error(answer.error) if answer.error else "",
            }
            for answer in answers
        ]
    )


def _told(body: Any) -> list[Step]:
    listed = body.get("steps") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise Invalid("step")
    return [_step(one) for one in listed]


def _step(one: Any) -> Step:
    if not isinstance(one, dict):
        raise Invalid("step")
    texts = {name: one.get(name) or "" for name in ("key", "job", "what", "code", "lot")}
    if not all(isinstance(value, str) and len(value) <= _LONGEST for value in texts.values()):
        raise Invalid("step")
    parcels = one.get("parcels") or []
    try:
        job_id = uuid.UUID(texts["job"])
        packed = [_parcel(each) for each in parcels]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Invalid("step") from error
    return Step(texts["key"], job_id, texts["what"], texts["code"], texts["lot"] or None, packed)


def _parcel(told: Any) -> Packed:
    units = {uuid.UUID(line): _whole(count) for line, count in told["units"].items()}
    box, grams = told.get("box"), told.get("grams")
    if not (box is None or isinstance(box, str)) or len(box or "") > _LONGEST:
        raise ValueError("box")
    return Packed(units, box or None, None if grams is None else _grams(grams))


def _grams(number: Any) -> int:
    # What nobody can have weighed is refused as a step: a phone would tell it again for ever, and
    # nothing after it.
    if type(number) not in {int, float}:
        raise ValueError("grams")
    return round(max(-_MOST_GRAMS, min(number, _MOST_GRAMS)))


def _whole(number: Any) -> int:
    if type(number) is not int or not 0 < number <= _MOST_GRAMS:
        raise ValueError("number")
    return number


@blueprint.get("/worker.js")
def phone() -> Response:
    """Serve the service worker of the floor; it may look after everything below /floor."""
    file = Path(str(current_app.static_folder)) / "js" / "floor-worker.js"
    answer = Response(file.read_text("utf-8"), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer
