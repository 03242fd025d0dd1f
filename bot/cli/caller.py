"""Who asks, from a shell."""

import getpass
import os


def login() -> str:
    """Return the name of the user, or the user's number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user id may have no name
        return str(os.getuid())
