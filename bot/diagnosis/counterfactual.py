"""What would happen if only one cause were fixed, in words, and how that is known."""

from collections.abc import Sequence

from bot.diagnosis.causes import Found
from bot.diagnosis.index import Index
from bot.diagnosis.open_roles import is_token_untried, needs_untold
from bot.diagnosis.reasons import reasons
from bot.diagnosis.roles import EXCHANGE, PATH, TOKEN, without
from bot.diagnosis.wording import cut, fill
from bot.model import Role, Status

_STILL = {
    Status.FAILED: "the run would still fail",
    Status.DEGRADED: "the run would still be degraded",
}


def counterfactual(place: int, causes: Sequence[Found], index: Index) -> str:
    """Return how the run would end if only the cause at `place` were fixed, and why."""
    cause, status = causes[place], index.run.status
    if status not in (Status.FAILED, Status.DEGRADED):
        return ""
    others = _labels([other for at, other in enumerate(causes) if at != place])
    if is_token_untried(cause, causes, index):
        return "Not known: no token of the auth service could be tried."
    needs = [one for one in needs_untold(causes) if one is not cause]
    match cause.role:
        case Role.SUFFICIENT:
            return _better(without(place, [one.broken for one in causes]), cause, others, index)
        case Role.CONTRIBUTING if needs and cause not in needs_untold(causes):
            return (
                "the run would get past this point, and fail later if it needs what is down:"
                f" {_labels(needs)}."
            )
        case Role.CONTRIBUTING:
            return f"{_STILL[status]}: {others}."
        case Role.INCIDENTAL:
            return _the_same(cause, causes[0], index)


def _better(then: Status, cause: Found, others: str, index: Index) -> str:
    if index.run.status is Status.DEGRADED:
        return "the run would pass, as far as this run shows."
    unreached = [step.title for step in index.run.steps if step.status is Status.SKIPPED]
    beyond = f" What comes after that was not reached: {', '.join(unreached)}." if unreached else ""
    if EXCHANGE in cause.broken and PATH not in cause.broken:
        return f"the exchanged token would be sent, and not the one that was refused.{beyond}"
    if TOKEN in cause.broken:
        return f"the run would go on with the fallback token, so at best degraded.{beyond}"
    if then is Status.DEGRADED:
        return f"the run would get past this point, at best degraded: {others}.{beyond}"
    return f"the run would get past this point.{beyond}"


def _the_same(cause: Found, answer: Found, index: Index) -> str:
    said = [fill(answer.chain.naming[-1].rule.answer, index, answer.evidence)]
    if EXCHANGE in cause.broken:
        said = reasons(index) or said
    told = "; ".join(said).rstrip(". ")
    return f"{_STILL[index.run.status]}: {cut(told, 500)}."


def _labels(causes: Sequence[Found]) -> str:
    return ", ".join(cause.label.value for cause in causes) or "nothing else was found"
