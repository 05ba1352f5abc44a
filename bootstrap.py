"""Find a Python that is new enough, then set up `.venv` and run what a make target names.

    python3 bootstrap.py TARGET [ARGUMENTS...]

Plain enough to be read by an old Python, which has to say that it is old; the work is done in
`local/environment.py`.
"""

import os
import subprocess
import sys

OLDEST = (3, 11)
NEWEST_TRIED = 15


def works(python):
    """Tell whether a Python starts at all; a version manager's placeholder may not."""
    try:
        subprocess.check_output([python, "-c", ""], stderr=subprocess.STDOUT)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def newer_python():
    """Return a newer Python of this machine, or None."""
    for minor in range(NEWEST_TRIED, OLDEST[1] - 1, -1):
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            path = os.path.join(folder, "python3.%d" % minor)
            if os.access(path, os.X_OK) and works(path):
                return path
    return None


def main():
    """Start over with a newer Python where this one is too old, else get to work."""
    if sys.version_info < OLDEST:
        newer = newer_python()
        if newer:
            os.execv(newer, [newer] + sys.argv)
        sys.exit(
            "kontor: Python %d.%d or newer is needed, this is %s. Install it, or name one: "
            "make demo PYTHON=/path/to/python3.12" % (OLDEST + (sys.version.split()[0],))
        )
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.dont_write_bytecode = True
    from local import environment

    sys.exit(environment.main(sys.argv[1:]))


if __name__ == "__main__":
    main()
