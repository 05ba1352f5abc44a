"""What a web server loads: `granian --interface wsgi wsgi:app`."""

import gc

# Loading makes a million objects and hardly any garbage: a quarter of its time would go into
# looking for some. Afterwards they are set aside, so that no later look goes through them again.
gc.disable()

from app.factory import create_app  # noqa: E402 - see above

app = create_app()
gc.freeze()
gc.enable()
