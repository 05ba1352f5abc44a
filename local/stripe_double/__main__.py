"""Start the double.

python -m local.stripe_double --port 12111 --webhook-url URL --webhook-secret SECRET
"""

from __future__ import annotations

import argparse
import logging
import secrets
import signal
import sys
import threading

from .api import Api
from .model import Model
from .server import Server
from .store import Store
from .webhooks import Webhooks


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m local.stripe_double", description=__doc__)
    add = made.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, required=True, help="0 takes a free one")
    add("--public-url", help="how browsers reach the hosted page; default http://HOST:PORT")
    add("--merchant", default="Testhändler", help="the name on the hosted page")
    add("--api-key", help="accept only this key; default: any sk_test_…")
    add("--data", help="SQLite file that outlives a restart; default: in memory")
    add("--webhook-url", help="where events are posted")
    add("--webhook-secret", default="whsec_model", help="signs the webhooks")
    add("--seed", type=int, help="seed of the webhook misbehaviour; default: a random one, printed")
    add("--webhook-delay", type=float, default=0.0, metavar="SECONDS")
    add("--webhook-duplicate", type=float, default=0.0, metavar="CHANCE", help="0 to 1")
    add("--webhook-reorder", type=float, default=0.0, metavar="SECONDS")
    add("--verbose", action="store_true", help="log every request")
    return made


def build(arguments: argparse.Namespace) -> Server:
    """Put the parts together and bind the port."""
    store = Store(arguments.data)
    seed = secrets.randbelow(2**31) if arguments.seed is None else arguments.seed
    webhooks = Webhooks(store, arguments.webhook_url, arguments.webhook_secret, seed)
    webhooks.change(
        {
            "delay": arguments.webhook_delay,
            "duplicate": arguments.webhook_duplicate,
            "reorder": arguments.webhook_reorder,
        }
    )
    model = Model(store, webhooks, "", arguments.merchant)
    server = Server((arguments.host, arguments.port), model, Api(model, arguments.api_key))
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    model.public_url = (arguments.public_url or f"http://{host}:{server.server_port}").rstrip("/")
    return server


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    arguments = parser().parse_args()
    logging.basicConfig(
        level=logging.INFO if arguments.verbose else logging.WARNING,
        format="%(asctime)s stripe_double %(levelname)s %(message)s",
    )
    server = build(arguments)

    def stop(*_: object) -> None:
        # shutdown() waits for serve_forever(), which this very thread runs.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.watch_deadlines()
    server.model.webhooks.start()
    sys.stdout.write(
        f"model of Stripe (not Stripe) at {server.model.public_url}"
        f", webhook seed {server.model.webhooks.seed}\n"
    )
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    server.model.webhooks.stop()
    server.server_close()
    server.model.store.close()


if __name__ == "__main__":
    main()
