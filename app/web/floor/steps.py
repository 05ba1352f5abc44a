"""What phones have kept while they had no network: told here, answered step by step."""

import uuid
from pathlib import Path
from typing import Any

from flask import Response, current_app, jsonify, request

from app.web import words
from app.web.floor.room import at_work, blueprint
from app.web.session import allowed
from app.workflows import floor_steps
from app.workflows.floor_steps import Step
from kit.errors import Invalid

_LONGEST = 200


@blueprint.post("/steps")
@allowed
def steps() -> Response:
    """Do steps in their order; each is answered by its key, and counts once."""
    answers = floor_steps.report(_told(request.get_json(silent=True)), at_work())
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
    try:
        job_id = uuid.UUID(texts["job"])
    except ValueError as error:
        raise Invalid("step") from error
    return Step(texts["key"], job_id, texts["what"], texts["code"], texts["lot"] or None)


@blueprint.get("/worker.js")
def phone() -> Response:
    """Serve the service worker of the floor; it may look after everything below /floor."""
    file = Path(str(current_app.static_folder)) / "js" / "floor-worker.js"
    answer = Response(file.read_text("utf-8"), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer
