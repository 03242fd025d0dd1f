"""Starting a check, or attaching to the one that is under way."""

from datetime import UTC, datetime, timedelta

from bot.commands.command import Arguments, Ask, Reply
from bot.commands.form import Choice, Field, FieldKind, Form
from bot.deps import Deps
from bot.model import Posting
from bot.report import STATUS_WORDS, Button, Card, seconds
from bot.target import KEY_CHECK
from bot.workflows import spare_the_key, start_run

_MOST_BUTTONS = 10
# Slack's limit for a menu.
_MOST_CHOICES = 100


def target_of(deps: Deps, arguments: Arguments) -> str:
    """Return the target that is meant: the one named, or the only one there is, or none."""
    only = next(iter(deps.targets)) if len(deps.targets) == 1 else ""
    return arguments.get("target", only)


def which_target(deps: Deps, verb: str, *, label: str, rest: str = "") -> Reply:
    """Ask which target is meant by `verb`: a button for each, or a form where there are many.

    `rest` follows the target.
    """
    names = sorted(deps.targets)
    if len(names) > _MOST_BUTTONS:
        return Reply(form=_form(deps, verb, label, rest))
    lines = {name: f"{verb} {name} {rest}".strip() for name in names}
    buttons = tuple(Button(label=f"{label} {name}", command=lines[name]) for name in names)
    return Reply(
        card=Card(
            title="Which target?",
            lines=(f"Known: {', '.join(f'`{name}`' for name in names)}.",),
            buttons=buttons,
        )
    )


def target_field(deps: Deps, label: str) -> Field:
    """Return the field of a form in which a target is chosen."""
    names = sorted(deps.targets)[:_MOST_CHOICES]
    choices = tuple(Choice(label=name, value=name) for name in names)
    return Field(name="target", label=label, kind=FieldKind.CHOICE, choices=choices)


def _form(deps: Deps, verb: str, label: str, rest: str) -> Form:
    return Form(
        title="Which target?",
        submit=label[:24],
        line=f"{verb} {{target}} {rest}".strip(),
        fields=(target_field(deps, "Target"),),
        note="The answer is posted where you asked.",
    )


async def start_check(
    deps: Deps, target: str, check: str, ask: Ask, *, is_spared: bool = False
) -> Reply:
    """Start `check` against `target` unless it is running; the run tells of itself in `ask.place`.

    The same `ask.key` starts nothing twice. TooOften if a key was verified too often,
    unless the caller asked `spare_the_key` already (`is_spared`).
    """
    if check == KEY_CHECK and not is_spared:
        await spare_the_key(deps, target)
    run_id, is_own = await start_run(
        deps.engine,
        key=ask.key,
        target=target,
        check=check,
        trigger=ask.trigger,
        caller=ask.caller,
        place=ask.place,
    )
    if is_own:
        return Reply(started=run_id)
    return Reply(card=await _attached(deps, target, run_id, ask))


async def _attached(deps: Deps, target: str, run_id: str, ask: Ask) -> Card:
    show = Button(label="Show Run", command=f"show {run_id}")
    if run := await deps.store.find_run(run_id):
        ended = STATUS_WORDS[run.status].lower()
        return Card(
            title=f"{target} was checked just now",
            lines=(
                f"Run `{run_id}` has ended: {ended}. Its report is being delivered or is there.",
            ),
            buttons=(show,),
        )
    posting = await deps.store.posting(run_id)
    if posting is None:
        return Card(
            title=f"{target} is already being checked",
            lines=(f"Run `{run_id}` has just been started; its answer comes where it was asked.",),
        )
    here = "here" if posting.channel == ask.place.channel else "in another channel"
    return Card(
        title=f"{target} is already being checked",
        lines=(
            f"Run `{run_id}` has been under way for {seconds(_running(deps, posting))}; "
            f"its answer comes {here}.",
        ),
    )


def _running(deps: Deps, posting: Posting) -> float:
    """Return for how many seconds the run that was announced by `posting` has been running."""
    # A message's `ts` is the time at which it was posted.
    begun = datetime.fromtimestamp(float(posting.ts), UTC)
    return max(timedelta(), deps.clock() - begun).total_seconds()
