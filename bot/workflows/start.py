"""Starting a run: the one place that names its workflow, its id and its slot."""

from bot.engine import Engine, run_id_of, slot_of
from bot.model import Caller, CheckRequest, Place, Trigger
from bot.workflows.messages import is_silent

CHECK = "check"
"""The workflow of a run, by the name that engines keep."""
_NOWHERE = Place()


async def start_run(
    engine: Engine,
    *,
    key: str,
    target: str,
    check: str,
    trigger: Trigger,
    caller: Caller,
    place: Place = _NOWHERE,
    revision: str = "",
) -> tuple[str, bool]:
    """Start the run that `key` asks for; return the id of the run that answers, and if it is that.

    The same key starts nothing twice. It is another run if one of the same check and target, and of
    the same `revision` if one is to be waited for, is under way; but who asks is not left with one
    that is silent, whose answer would never come. Unavailable while shutting down.
    """
    request = CheckRequest(
        run_id=run_id_of(key),
        target=target,
        check=check,
        trigger=trigger,
        caller=caller,
        place=place,
        revision=revision,
    )
    slot = slot_of(target, check, revision=revision)
    answering = await engine.start(CHECK, request, id=key, slot=slot)
    if is_silent(answering) and not is_silent(request):
        slot = slot_of(target, check, revision=revision, is_beside=True)
        answering = await engine.start(CHECK, request, id=key, slot=slot)
    return answering.run_id, answering.run_id == request.run_id
