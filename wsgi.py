"""What a web server loads: `granian --interface wsgi wsgi:app`."""

import gc

# Loading makes a million objects and hardly any garbage: a quarter of its time would go into
# looking for some. Afterwards they are set aside, so that no later look goes through them again.
gc.disable()

from app.factory import create_app  # noqa: E402 - see above

app = create_app()
gc.freeze()
# A request leaves a few thousand objects that know one another. Looked for after every 700, that
# took 1.1 ms of a checkout; after 5,000 half of it, for some hundred kilobytes that wait.
gc.set_threshold(5_000, 20, 20)
gc.enable()
