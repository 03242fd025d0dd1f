"""Where the evidence leaves open what a cause has to do with the outcome."""

from collections.abc import Iterator, Sequence

from bot.diagnosis.causes import Found
from bot.diagnosis.index import Index
from bot.diagnosis.reasons import reasons
from bot.diagnosis.roles import EXCHANGE, NEEDED, PATH, TOKEN
from bot.diagnosis.rules.works import FALLBACK_SENT
from bot.model import Role, Unknown


def is_role_open(place: int, found: Sequence[Found], index: Index) -> bool:
    """Tell whether nobody can know what the run would do if only this cause were fixed."""
    cause = found[place]
    if is_token_untried(cause, found, index):
        return True
    return cause.role is Role.CONTRIBUTING and bool(needs_untold(found))


def is_token_untried(cause: Found, found: Sequence[Found], index: Index) -> bool:
    """Tell whether it is not known what the exchanged token would have met.

    So it is where the fallback token was turned away in no telling words, or for a user who is
    not the exchange's: only the auth service can give another one.
    """
    if EXCHANGE not in cause.broken or FALLBACK_SENT.support(index) is None:
        return False
    ends = {link.rule.cause for one in found if one is not cause for link in one.chain.links}
    if cause.role is Role.INCIDENTAL:
        if _ACCEPTED_ELSEWHERE in ends:
            return True  # a claim that only the exchange's tokens have can be what is asked for
        is_untold = bool(ends & _UNTOLD) and not reasons(index)
        return is_untold or bool(ends & (_ANOTHER_USER | {_PERMISSION}))
    # The one who signs the exchange's tokens can be the one who has the wrong secret, or not.
    return any(TOKEN in one.broken for one in found) and bool(ends & _WHOSE_SECRET)


# Where a chain ends that does not tell whether it is about the token.
_UNTOLD = frozenset({"refused", "upgrade forbidden", "policy close", "intermittent"})
_ACCEPTED_ELSEWHERE = "auth service accepts it"
# That the fallback token was greeted says nothing of what it may ask for.
_PERMISSION = "permission refused"
# The exchange makes its token for a user of its own, of whom nothing is known.
_ANOTHER_USER = frozenset(
    {
        "user id refused",
        "user unknown",
        "user refused",
        "too many connections of one user",
    }
)
_WHOSE_SECRET = frozenset({"fallback secret differs, likely"})


def needs_untold(found: Sequence[Found]) -> list[Found]:
    """Return what is down of which the run did not get far enough to need it."""
    stopped_before = [one for one in found if one.chain.root.effect not in NEEDED]
    if not any(PATH in one.broken for one in stopped_before):
        return []
    return [
        one for one in found if one.chain.root.effect in NEEDED and one.role is Role.CONTRIBUTING
    ]


def left_open(found: Sequence[Found], index: Index) -> Iterator[Unknown]:
    """Yield what would have to be known to give every cause its role."""
    if any(is_token_untried(one, found, index) for one in found):
        yield Unknown(
            question="Would a token of the auth service be let in?",
            experiment="Make the exchange work first, and run again with its token.",
        )
    for one in needs_untold(found):
        yield Unknown(
            question=f"Does the pipeline need what is down ({one.label.value})?",
            experiment="Fix what stopped this run before it was needed, and run again.",
        )
