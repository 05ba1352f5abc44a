"""Run a command so that it ends with its parent; started as a script, before any package is there.

    tether.py PARENT_PID SIGNAL UID:GID COMMAND...

1. Forget what the parent ignored or blocked.
2. Give up root for UID:GID, where one is named ("-" keeps the user).
3. Ask Linux to send SIGNAL to this process once its parent is gone (PR_SET_PDEATHSIG).
4. If the parent died before that, leave.
5. Become COMMAND.

The order matters: Linux forgets the request when the user changes. Systems without it rely on the
watchdog alone.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15


def die_with_parent(signal_number: int, parent: int) -> None:
    """Have Linux send `signal_number` to this process when its parent `parent` ends."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")
    if os.getppid() != parent:
        raise SystemExit(0)


def call_itself(name: str) -> None:
    """Set the name under which `ps -o comm` and `top` list this process."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def drop_privileges(uid: int, gid: int) -> None:
    """Become an unprivileged user for good."""
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def main(arguments: list[str]) -> None:
    """Parse the command line above and become the command."""
    parent, signal_number, user, *command = arguments
    for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    if user != "-":
        uid, gid = (int(part) for part in user.split(":"))
        drop_privileges(uid, gid)
    die_with_parent(int(signal_number), int(parent))
    os.execvp(command[0], command)  # noqa: S606 - becoming the command is the point


if __name__ == "__main__":
    main(sys.argv[1:])
