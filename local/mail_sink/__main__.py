"""Run the sink: SMTP and web page.

python -m local.mail_sink --data FOLDER --smtp-port 1025 --web-port 8025
"""

import argparse
import asyncio
import signal
import threading
from pathlib import Path

from local import ports
from local.mail_sink import smtp
from local.mail_sink.store import Store
from local.mail_sink.web import Server


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()


async def run(store: Store, host: str, smtp_port: int, web_port: int) -> None:
    """Serve both sides until SIGTERM or Ctrl-C."""
    web = Server((host, web_port), store)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    receiving = await smtp.serve(host, smtp_port, store.add)
    async with receiving:
        await _until_stopped()
    web.shutdown()
    web.server_close()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m local.mail_sink", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the mails")
    parser.add_argument("--host", default=ports.HOST)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    arguments = parser.parse_args()
    store = Store(arguments.data)
    asyncio.run(run(store, arguments.host, arguments.smtp_port, arguments.web_port))


if __name__ == "__main__":
    main()
