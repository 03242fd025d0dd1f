"""What to do where the words of a cause say more than its label does, as data."""

import re
from dataclasses import dataclass

from bot.labels import Label

_STORES = (
    Label.DEPENDENCY_DB_DOWN,
    Label.DEPENDENCY_REDIS_DOWN,
    Label.DEPENDENCY_CLICKHOUSE_DOWN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactRemedy:
    """What to do about a cause with one of `labels` that is told in words like these.

    ``{0}`` in `title` is the first group of `words`.
    """

    labels: tuple[Label, ...]
    words: str
    title: str


EXACT_REMEDIES: tuple[ExactRemedy, ...] = (
    ExactRemedy(
        labels=_STORES,
        words=r"password|authentication fail|access denied for|\bWRONGPASS\b|\bNOAUTH\b",
        title="Correct the user and the password it is given, and restart the revision that reads"
        " them",
    ),
    ExactRemedy(
        labels=_STORES,
        words=r"pool\b|too many (?:clients|connections)|connection slots"
        r"|max number of clients|(?:acquire|fetch)\w* (?:a |new )*connection",
        title="Find out who holds all of its connections, and have them given back",
    ),
    ExactRemedy(
        labels=_STORES,
        words=r"name resolution|translate host name|getaddrinfo|ENOTFOUND|no such host"
        r"|name or service not known",
        title="Correct its host name, or the network in which that name is known",
    ),
    ExactRemedy(
        labels=(Label.RATE_LIMITED,),
        words=r"(?:left alone for|retry[ _-]after\W{1,4}) ?(\d{1,9})",
        title="Wait {0} s, as it asks, before the next try",
    ),
    ExactRemedy(
        labels=(Label.CLIENT_API_MISUSE,),
        words=r"unexpected keyword argument ['\"]?(\w{1,60})",
        title="Take the argument {0} out of the call, or pin a version of the library that knows"
        " it",
    ),
    ExactRemedy(
        labels=(Label.CLIENT_API_MISUSE,),
        words=r"missing \d+ required|takes \d+ positional|multiple values",
        title="Give the call the arguments that the installed version of the library takes",
    ),
    ExactRemedy(
        labels=(Label.CLIENT_API_MISUSE,),
        words=r"event loop",
        title="Await the coroutine in the loop that runs already, in place of starting another",
    ),
    ExactRemedy(
        labels=(Label.CLIENT_API_MISUSE,),
        words=r"\bmethod\b",
        title="Use a method that the address takes: its answer names them in Allow",
    ),
)


def exact_remedy(label: Label, told: str) -> str:
    """Return what to do about a cause that is `told` like this; empty if that tells no more."""
    for one in EXACT_REMEDIES:
        if label not in one.labels:
            continue
        if found := re.search(one.words, told, re.IGNORECASE):
            return one.title.format(*found.groups())
    return ""
