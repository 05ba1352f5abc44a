"""`make story`: let a browser play Herr Müller's Wednesday against the running demo.

    python -m demo.story [--data FOLDER] [--contact call|mail|both] [--size 390x844] [--move-clock]

Exit code 0 when everything was as told, 1 at the first thing that was not.
"""

import argparse
import sys
import time
from pathlib import Path

from playwright.sync_api import Error as BrowserError

from demo.story import play, stage
from demo.story.stage import NotRunningError, Stage
from demo.story.telling import NotAsToldError, Teller
from demo.story.windows import Windows, chromium


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make story", description=__doc__)
    parser.add_argument("--data", type=Path, default=stage.ROOT / ".demo", help="the demo's folder")
    parser.add_argument("--contact", choices=["call", "mail", "both"], default="both")
    parser.add_argument("--size", default="390x844", help="of Herr Müller's window")
    parser.add_argument("--move-clock", action="store_true", help="on to Wednesday, if need be")
    return parser.parse_args()


def main() -> int:
    """Play; return an exit code."""
    arguments = _arguments()
    width, _, height = arguments.size.partition("x")
    ways = ["call", "mail"] if arguments.contact == "both" else [arguments.contact]
    teller = Teller()
    began = time.monotonic()
    try:
        demo = Stage.of(arguments.data.resolve())
        with chromium() as browser:
            for way in ways:
                teller.say(f"\nHerr Müller's Wednesday; he prefers a {way}")
                play.prepare(demo, teller, move_clock=arguments.move_clock)
                windows = Windows(browser)
                try:
                    play.play(demo, windows, teller, size=(int(width), int(height)), contact_by=way)
                finally:
                    windows.close()
    except NotRunningError as error:
        print(f"kontor: {error}", file=sys.stderr)
        return 1
    except (NotAsToldError, BrowserError) as error:
        print(f"\nnot as told: {error}", file=sys.stderr)
        return 1
    teller.say(f"\n{teller.steps} steps as told, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
