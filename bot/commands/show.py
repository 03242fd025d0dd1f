"""`show`: what a stored run found, for everybody in the place."""

import re

from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Parameter, Syntax
from bot.commands.watching import decided_about
from bot.deps import Deps
from bot.report import Card, again_button, moment, seconds
from bot.report.blocks import people_in, unmarked
from bot.workflows import report_of

# What is shorter is a word, such as a reason to mute, that the answer may have by chance.
_SENTENCE = 25
_CLAUSE = re.compile(r"[:;] ")
_ABOUT = re.compile(r" \(i\d+\)$")


async def show(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    del ask
    run = await deps.store.run(arguments["run"])
    report = await report_of(deps, run.id)
    answer = tuple(f"{line.label}: {line.text}" for line in report.answer)
    decided = _not_twice(await decided_about(deps, run.id), "\n".join(answer))
    people = await deps.store.people.names(people_in(decided))
    card = Card(
        title=report.headline,
        lines=(
            *answer,
            *filter(None, [unmarked(decided, people)]),
        ),
        buttons=(again_button(report.check, report.target),) if _can_run(deps, run.target) else (),
        context=(
            f"run {report.run_id}",
            *([moment(report.started_at)] if report.is_dated else []),
            f"took {seconds(report.duration_s)}" if report.executed else "read, not executed",
        ),
        page=deps.page_of(run.id),
    )
    # A run is evidence that people talk about: everybody in the place sees it.
    return Reply(card=card, public=True)


def _not_twice(decided: str, answer: str) -> str:
    """Return what was decided without the cause at its end, if the answer tells that already."""
    found = _ABOUT.search(decided)
    about = found[0] if found else ""
    whole = decided.removesuffix(about)
    for clause in _CLAUSE.finditer(whole):
        why = whole[clause.end() :].rstrip(".")
        if len(why) >= _SENTENCE and why in answer:
            return f"{whole[: clause.start()]}{about}"
    return decided


def _can_run(deps: Deps, target: str) -> bool:
    """Whether the target of an old run is still configured."""
    return target in deps.targets


SHOW = Command(
    syntax=Syntax(
        name="show", parameters=(Parameter(name="run", placeholder="RUN", required=True),)
    ),
    summary="Show what a run found, to everybody here",
    right=None,
    run=show,
)
