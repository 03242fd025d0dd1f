"""`explain`: diagnose a log that somebody pasted; nothing is executed, and no target is asked."""

import asyncio
from dataclasses import replace
from functools import partial

from bot.commands.command import Arguments, Ask, Command, Pasted, Reply
from bot.commands.grammar import Parameter, Syntax
from bot.deps import Deps
from bot.diagnosis import diagnose
from bot.diagnosis.logs import MOST_BYTES, Flaw, decoded, read_log, unreadable
from bot.engine import run_id_of
from bot.masking import Masker
from bot.model import Diagnosis, Run, Trigger
from bot.report import Button, Card, build_report

_MOST_ORIGIN = 150

_PASTE = Button(label="Paste a Log", command="explain")
_HELPS = (
    "A log with the failure in it helps: the console of a test, a response with its status, "
    "or the close code and reason of a socket."
)
_NOTHING = Card(
    title="There is nothing to explain here",
    lines=("It has no text, and no file with text in it.", _HELPS),
    buttons=(_PASTE,),
)
_UNKNOWN = Card(
    title="I recognise nothing in this",
    lines=("None of it is a sign of a failure that I know.", _HELPS),
    buttons=(_PASTE,),
)
_NOT_TEXT = Card(
    title="This is not text",
    lines=("I read logs as plain text. Unpack what is packed, and save a document as text.",),
)
_TOO_LARGE = Card(
    title="This log is too large",
    lines=(
        f"I read up to {MOST_BYTES // 1024 // 1024} MB. The failure is mostly near the end: "
        "send that part.",
        "In a shell, `tail -c 10M LOG > FILE` cuts it, `stagecheck explain FILE` reads it.",
    ),
)


_UNREADABLE = {Flaw.EMPTY: _NOTHING, Flaw.TOO_LARGE: _TOO_LARGE, Flaw.NO_TEXT: _NOT_TEXT}


async def explain(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    pasted = ask.pasted
    if text := arguments.get("text", ""):
        pasted = pasted_text(text)
    if pasted is None:
        return Reply(wants_log=True)
    return Reply(afterwards=partial(_answer, deps, ask, pasted))


def pasted_text(text: str) -> Pasted:
    """Return `text` as what was pasted; a character that is half of one counts as unreadable."""

    async def read() -> bytes:
        return text.encode(errors="replace")

    return Pasted(read=read)


async def _answer(deps: Deps, ask: Ask, pasted: Pasted) -> Reply:
    """Read the log, keep what it says as a run, and report that; or say why it cannot be read."""
    async with deps.explaining:
        log = await pasted.read()
        if found := unreadable(log):
            return Reply(card=_UNREADABLE[found.flaw])
        # In a thread: a log of 10 MB takes seconds, in which everybody else is to be answered.
        run, diagnosis = await asyncio.to_thread(_read, log, deps.masker)
    if pasted.picked and not run.observations:
        return Reply(card=_UNKNOWN)
    run = _asked_for(run, ask, deps.masker.mask(pasted.origin)[:_MOST_ORIGIN])
    await deps.store.save_run(run, diagnosis)
    _ = await deps.notifier.answer(ask.place, build_report(run, diagnosis))
    return Reply()


def _read(log: bytes, masker: Masker) -> tuple[Run, Diagnosis]:
    """Return what `log` says, without any secret."""
    text = "\n".join(line.removesuffix("\n") for line in decoded(log))
    # The whole text, before anything is cut from it: half a secret is not recognised.
    run = read_log(masker.mask(text))
    return run, diagnose(run)


def _asked_for(run: Run, ask: Ask, origin: str) -> Run:
    """Return `run` as this caller's: the same text may be pasted again, by somebody else."""
    # The same for the same delivery, so that what was posted for it is not posted twice.
    steps = run.steps
    if origin:
        steps = tuple(replace(step, detail=f"{step.detail}; from {origin}") for step in steps)
    return replace(
        run, id=run_id_of(ask.key, kind="p"), trigger=Trigger.PASTE, caller=ask.caller, steps=steps
    )


EXPLAIN = Command(
    syntax=Syntax(
        name="explain", parameters=(Parameter(name="text", placeholder="TEXT", verbatim=True),)
    ),
    summary="Explain a log that you paste or attach, without executing anything",
    right=None,
    run=explain,
)
