"""When garbage is looked for: neither while a process starts, nor once it ends."""

import gc

_USUAL = gc.get_threshold()
# More than is imported by any command: some hundred thousand objects, and none of them is garbage.
_RARELY = 100_000


def look_rarely() -> None:
    """Let nearly nothing be searched from now on, which would be a tenth of a start."""
    gc.set_threshold(_RARELY)


def settle() -> None:
    """Keep what is in memory by now out of every later search, in a process that stays.

    It stays for good, and to look through all of it takes up to 0.3 s, in which nothing else is
    done: Slack's deliveries wait too.
    """
    gc.set_threshold(*_USUAL)
    _ = gc.collect()
    gc.freeze()


def leave() -> None:
    """Have nothing searched at the end, which would take 0.3 s: the process gives all of it back.

    What has to be closed, or written, was: only garbage would be closed by the search.
    """
    gc.freeze()
