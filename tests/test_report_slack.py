"""The report in Slack: valid, within the limits, answer first, and hostile text stays text."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import HOSTILE, PASSED_RUN, SAMPLES, SEED_DIAGNOSIS, SEED_RUN, STARTED_AT, soaked
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bot.labels import Label
from bot.model import Caller, Json, NextStep, Progress, Role, Status, StepProgress, TranscriptLine
from bot.report import (
    Button,
    Card,
    Message,
    Report,
    Table,
    build_report,
    card_message,
    card_text,
    outcome_message,
    progress_message,
    thread_messages,
)
from bot.report.sections import sections
from bot.sandbox.blockkit import problems

MOST_JSON = 11_000
BASIC = ["passed", "degraded", "seed", "errored"]


@pytest.fixture
def snapshot_json(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def report_of(name: str) -> Report:
    run, diagnosis = SAMPLES[name]
    # A later run has the earlier pass to compare with; the pass itself has none.
    return build_report(run, diagnosis, previous=None if name == "passed" else PASSED_RUN)


def progress_of(done: int, *, current: str = "", text: str = "") -> Progress:
    """Return the founding run with `done` steps finished."""
    steps = tuple(
        StepProgress(
            name=step.name,
            title=text or step.title,
            status=step.status if number < done else None,
            detail=(text or step.detail) if number < done else "",
        )
        for number, step in enumerate(SEED_RUN.steps)
    )
    return Progress(
        run_id=SEED_RUN.id,
        target="staging",
        check="pipeline",
        started_at=STARTED_AT,
        steps=steps,
        current=current,
    )


def as_json(*messages: Message) -> list[Json]:
    return [{"text": message.text, "blocks": list(message.blocks)} for message in messages]


def assert_valid(*messages: Message) -> None:
    for message in messages:
        assert problems({"text": message.text, "blocks": list(message.blocks)}) == []
        assert len(message.blocks) <= 50
        assert len(json.dumps(message.blocks)) < MOST_JSON
        assert message.text.strip()


def values(thing: Json, key: str) -> Iterator[Json]:
    """Yield every value of `key`, wherever it stands."""
    match thing:
        case dict():
            if key in thing:
                yield thing[key]
            for inner in thing.values():
                yield from values(inner, key)
        case list() | tuple():
            for inner in thing:
                yield from values(inner, key)


def of_type(thing: Json, kind: str) -> list[Json]:
    found: list[Json] = []
    if isinstance(thing, dict):
        found += [thing] if thing.get("type") == kind else []
        found += [one for inner in thing.values() for one in of_type(inner, kind)]
    elif isinstance(thing, list | tuple):
        found += [one for inner in thing for one in of_type(inner, kind)]
    return found


def words(thing: Json) -> str:
    """Return everything a person reads in blocks, in order."""
    return " ".join(text for text in values(thing, "text") if isinstance(text, str))


# Snapshots: readable JSON, to be looked at in a diff or pasted into Block Kit Builder


@pytest.mark.parametrize("name", BASIC)
def test_outcome_looks_as_agreed(name: str, snapshot_json: SnapshotAssertion) -> None:
    assert as_json(outcome_message(report_of(name))) == snapshot_json


@pytest.mark.parametrize("name", BASIC)
def test_thread_looks_as_agreed(name: str, snapshot_json: SnapshotAssertion) -> None:
    assert as_json(*thread_messages(report_of(name))) == snapshot_json


def test_progress_looks_as_agreed(snapshot_json: SnapshotAssertion) -> None:
    assert as_json(progress_message(progress_of(3, current="connect"))) == snapshot_json


# Progress


def test_progress_shows_every_step_from_the_start() -> None:
    message = progress_message(progress_of(0, current="health"))
    [plan] = of_type(message.blocks, "plan")
    assert [task["status"] for task in plan["tasks"]] == ["in_progress"] + ["pending"] * 5
    assert "Service health (1 of 6)" in plan["title"]


def test_progress_marks_a_failed_step_and_keeps_finished_ones_complete() -> None:
    [plan] = of_type(progress_message(progress_of(3, current="connect")).blocks, "plan")
    states = [task["status"] for task in plan["tasks"]]
    assert states == ["complete", "error", "complete", "in_progress", "pending", "pending"]
    assert plan["tasks"][1]["title"] == "Bypass-key exchange: failed"


def test_each_revision_of_the_plan_has_its_own_block_id() -> None:
    messages = [
        progress_message(progress_of(0)),
        progress_message(progress_of(0, current="health")),
        progress_message(progress_of(1)),
        progress_message(progress_of(1, current="exchange")),
        outcome_message(report_of("seed")),
    ]
    ids = [plan["block_id"] for message in messages for plan in of_type(message.blocks, "plan")]
    assert len(set(ids)) == len(messages)
    assert all(one.startswith(f"plan_{SEED_RUN.id}_") for one in ids)


@pytest.mark.parametrize("done", range(7))
def test_progress_is_valid_at_every_step(done: int) -> None:
    current = SEED_RUN.steps[done].name if done < 6 else ""
    assert_valid(progress_message(progress_of(done, current=current)))


def test_a_plan_keeps_every_step_even_when_details_are_long() -> None:
    message = progress_message(progress_of(6, text="\U0001f525" * 9_000))
    [plan] = of_type(list(message.blocks), "plan")
    assert len(plan["tasks"]) == 6
    assert_valid(message)


def test_a_plan_without_steps_is_left_out() -> None:
    message = progress_message(replace(progress_of(0), steps=()))
    assert of_type(message.blocks, "plan") == []
    assert_valid(message)


# Outcome


@pytest.mark.parametrize("name", SAMPLES)
def test_every_message_is_one_that_slack_takes(name: str) -> None:
    report = report_of(name)
    assert_valid(outcome_message(report), *thread_messages(report))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_answer_comes_first_and_is_not_folded_away(name: str) -> None:
    for message in (outcome_message(report_of(name)), thread_messages(report_of(name))[0]):
        first = next(block for block in message.blocks if block["type"] == "rich_text")
        assert words(first).count("\n") <= 4
        assert message.blocks.index(first) <= 1


@pytest.mark.parametrize("name", BASIC)
def test_the_plan_stays_with_its_final_states(name: str) -> None:
    [plan] = of_type(outcome_message(report_of(name)).blocks, "plan")
    states = [task["status"] for task in plan["tasks"]]
    assert "in_progress" not in states
    assert len(states) == len(SAMPLES[name][0].steps)


def test_a_step_that_did_not_run_gets_no_tick() -> None:
    [plan] = of_type(outcome_message(report_of("errored")).blocks, "plan")
    assert plan["tasks"][1]["status"] == "pending"
    assert plan["tasks"][1]["title"] == "Bypass-key exchange: not run"


def test_the_outcome_offers_what_to_do_next() -> None:
    buttons = of_type(outcome_message(report_of("seed")).blocks, "button")
    assert [(one["text"]["text"], one["value"]) for one in buttons] == [
        ("Re-run Check", "run staging"),
        ("Verify Bypass Key", "verify-key staging"),
    ]


def test_the_key_is_verified_first_when_the_key_is_the_reason() -> None:
    [first, *_] = of_type(outcome_message(report_of("degraded")).blocks, "button")
    assert first["value"] == "verify-key staging"


def test_the_key_is_not_offered_when_it_has_nothing_to_do_with_it() -> None:
    buttons = of_type(outcome_message(report_of("errored")).blocks, "button")
    assert [one["value"] for one in buttons] == ["run staging"]


def labels_of(report: Report) -> list[tuple[str, str]]:
    buttons = of_type(list(outcome_message(report).blocks), "button")
    return [(one["text"]["text"], one["value"]) for one in buttons]


def test_a_check_other_than_the_usual_one_is_run_again_as_it_was() -> None:
    report = build_report(replace(SEED_RUN, check="smoke"), SEED_DIAGNOSIS)
    assert labels_of(report) == [
        ("Re-run Check", "run staging --check smoke"),
        ("Verify Bypass Key", "verify-key staging"),
        ("Run Full Check", "run staging"),
    ]


def test_a_check_of_the_key_is_not_answered_with_the_advice_to_check_the_key() -> None:
    report = build_report(replace(SEED_RUN, check="key"), SEED_DIAGNOSIS)
    assert labels_of(report) == [
        ("Verify Bypass Key", "verify-key staging"),
        ("Run Full Check", "run staging"),
    ]
    assert "verify-key staging" not in [step.command for step in report.next_steps]
    titles = {step.command: step.title for step in report.next_steps}
    assert titles.get("run staging", "Run the full check") == "Run the full check"


def test_a_pasted_log_offers_only_what_its_diagnosis_advises() -> None:
    run, diagnosis = SAMPLES["pasted"]
    steps = (NextStep(title="Show an example", command="help"),)
    assert labels_of(build_report(run, replace(diagnosis, next_steps=steps))) == [
        ("Show an example", "help")
    ]


def test_at_most_three_buttons_with_unique_ids_and_one_primary() -> None:
    steps = tuple(
        NextStep(title=f"Step {n}", command=f"show r{n % 3} !{'!' * n}") for n in range(9)
    )
    report = build_report(SEED_RUN, replace(SEED_DIAGNOSIS, next_steps=steps))
    buttons = of_type(outcome_message(report).blocks, "button")
    ids = [one["action_id"] for one in buttons]
    assert len(buttons) == len(set(ids)) == 3
    assert all(one.startswith("do:") for one in ids)
    assert sum(one.get("style") == "primary" for one in buttons) <= 1


@pytest.mark.parametrize("command", ["", "run staging\nmute staging 9d", "run " + "x" * 2_500])
def test_a_button_that_cannot_carry_its_command_whole_is_not_offered(command: str) -> None:
    card = card_message(Card(title="Odd", buttons=(Button(label="Odd", command=command),)))
    assert of_type(list(card.blocks), "button") == []


def test_buttons_of_the_same_command_still_have_unique_ids() -> None:
    button = Button(label="Again", command="run staging")
    card = card_message(Card(title="Twice", buttons=(button, button, button)))
    ids = list(values(card.blocks, "action_id"))
    assert ids == ["do:run-staging", "do:run-staging-2", "do:run-staging-3"]


def test_the_context_says_who_asked_and_when() -> None:
    [context] = of_type(outcome_message(report_of("seed")).blocks, "context")
    text = context["elements"][0]["text"]
    assert "run r20250908-7f3a91" in text
    assert "<@U0ADA0001>" in text
    stamp = int(datetime(2025, 9, 8, 0, 39, 41, tzinfo=UTC).timestamp())
    assert f"<!date^{stamp}^{{date_short_pretty}} {{time}}|2025-09-08 00:39:41 UTC>" in text


@pytest.mark.parametrize("who", ["ada", "U123 <!channel>", "<@U0ADA0001>", "Ursula"])
def test_only_a_slack_user_id_becomes_a_mention(who: str) -> None:
    report = build_report(replace(SEED_RUN, caller=Caller(id=who)), SEED_DIAGNOSIS)
    [context] = of_type(outcome_message(report).blocks, "context")
    assert not re.search(r"<[@!#](?!date)", context["elements"][0]["text"])


@pytest.mark.parametrize("name", SAMPLES)
def test_fallback_texts_state_outcome_and_action(name: str) -> None:
    report = report_of(name)
    for message in (outcome_message(report), *thread_messages(report)):
        assert message.text.startswith(report.headline)
        if name != "passed":
            assert "Next: " in message.text


@pytest.mark.parametrize("name", SAMPLES)
def test_no_emoji_in_headers_buttons_or_without_words(name: str) -> None:
    blocks = [*outcome_message(report_of(name)).blocks]
    blocks += [one for message in thread_messages(report_of(name)) for one in message.blocks]
    for block in (*of_type(blocks, "header"), *of_type(blocks, "button")):
        assert block["text"]["emoji"] is False
        assert block["text"]["text"].isprintable()
    for section in of_type(blocks, "rich_text_section"):
        if of_type(section, "emoji"):
            assert len(words(section)) > 20


# Thread


def headings(messages: tuple[Message, ...]) -> list[str]:
    blocks = [block for message in messages for block in message.blocks]
    return [block["text"]["text"] for block in of_type(blocks, "header")]


@pytest.mark.parametrize("name", ["seed", "degraded", "errored", "pasted"])
def test_the_thread_has_the_headline_and_every_section(name: str) -> None:
    report = report_of(name)
    titles = [section.title for section in sections(report)]
    assert headings(thread_messages(report)) == [report.headline, *titles]
    assert {"Summary", "Raw transcript", "Five whys", "Causes"} <= set(titles)


def test_a_thread_below_the_answer_does_not_say_it_again() -> None:
    report = report_of("seed")
    again = words([message.blocks for message in thread_messages(report, answered=True)])
    assert report.answer[0].text not in again
    assert headings(thread_messages(report, answered=True)) == headings(thread_messages(report))


def test_duration_and_failing_step_are_said_once_above_the_fold() -> None:
    message = outcome_message(report_of("seed"))
    said = json.dumps(message.blocks, ensure_ascii=False)
    assert said.count("2.9 s") == 1
    assert said.count("“Event stream”") == 1


def test_a_failed_step_that_is_not_the_cause_says_so() -> None:
    [plan] = of_type(outcome_message(report_of("seed")).blocks, "plan")
    titles = [task["title"] for task in plan["tasks"]]
    assert "Bypass-key exchange: failed, not the cause" in titles
    assert "Event stream: failed" in titles


def test_the_steps_are_a_native_table_and_the_whys_an_ordered_list() -> None:
    messages = thread_messages(report_of("seed"))
    table = of_type(messages[0].blocks, "table")[0]
    assert len(table["rows"]) == 1 + len(SEED_RUN.steps) + len(SEED_RUN.experiments)
    blocks = [block for message in messages for block in message.blocks]
    after = next(n for n, one in enumerate(blocks) if words(one) == "Five whys") + 1
    numbered = [
        one for one in of_type(blocks[after], "rich_text_list") if one["style"] == "ordered"
    ]
    assert sum(len(one["elements"]) for one in numbered) == len(SEED_DIAGNOSIS.whys)
    assert numbered[1]["offset"] == 1


@pytest.mark.parametrize("name", SAMPLES)
def test_every_id_cited_in_the_thread_is_shown_with_its_value(name: str) -> None:
    text = words([list(message.blocks) for message in thread_messages(report_of(name))])
    cited = set(re.findall(r"\bo\d+\b(?=[,\]])", text))
    assert cited
    assert cited <= set(re.findall(r"\b(o\d+) \S+ = ", text))


def test_a_heading_is_never_the_last_thing_in_a_message() -> None:
    for size in range(0, 4_000, 160):
        report = build_report(*soaked("w " * (size // 2) + "end"))
        for message in thread_messages(report):
            assert message.blocks[-1]["type"] != "header"


def test_the_actions_come_last() -> None:
    assert thread_messages(report_of("seed"))[-1].blocks[-1]["type"] == "actions"


def test_an_owner_can_be_written_to_for_the_reason_only_and_no_report_pings_one() -> None:
    owners = {"ws_server_code_error": "<@U0BACKEND>", "bypass_key_mismatch": "<@U0SECRETS>"}
    messages = thread_messages(build_report(replace(SEED_RUN, owners=owners), SEED_DIAGNOSIS))
    blocks = [message.blocks for message in messages]
    [owner] = [one for one in of_type(blocks, "link") if "owner" in one["text"]]
    assert owner["url"] == "https://slack.com/app_redirect?channel=U0BACKEND"
    assert of_type(blocks, "user") == of_type(blocks, "usergroup") == []


@pytest.mark.parametrize("lines", [1, 2, 60, 5_000])
@pytest.mark.parametrize("line", ["x", "ж", "\U0001f525", "\u202e", '"\\'], ids=ascii)
def test_the_end_of_the_transcript_is_never_lost(lines: int, line: str) -> None:
    transcript = tuple(
        TranscriptLine(at=STARTED_AT, step="events", direction="<", text=text)
        for text in [*[line * 50] * lines, "q" * 9_000, "the last words"]
    )
    report = build_report(replace(SEED_RUN, transcript=transcript), SEED_DIAGNOSIS)
    messages = thread_messages(report)
    assert_valid(*messages)
    shown = of_type([message.blocks for message in messages], "rich_text_preformatted")[0]
    assert words(shown).endswith("the last words")
    assert "cut" in words(shown)


def test_a_hundred_experiments_and_settings_still_fit() -> None:
    step = SEED_RUN.steps[0]
    run = replace(
        SEED_RUN,
        steps=tuple(replace(step, name=f"s{n}", title="t" * 300) for n in range(120)),
        provenance=SEED_RUN.provenance * 60,
        not_checked=tuple(f"thing {n}" for n in range(200)),
    )
    report = build_report(run, SEED_DIAGNOSIS)
    assert_valid(outcome_message(report), *thread_messages(report))
    assert "and " in words(of_type(thread_messages(report)[0].blocks, "table"))


def test_many_long_citations_are_all_shown_as_evidence() -> None:
    run = replace(
        SEED_RUN,
        observations=tuple(replace(seen, value="v" * 400) for seen in SEED_RUN.observations),
    )
    everything = tuple(seen.id for seen in run.observations)
    cause = replace(SEED_DIAGNOSIS.causes[0], evidence=everything)
    messages = thread_messages(build_report(run, replace(SEED_DIAGNOSIS, causes=(cause,))))
    assert_valid(*messages)
    text = words([message.blocks for message in messages])
    assert set(re.findall(r"\b(o\d+) \S+ = ", text)) == set(everything)


# Hostile text

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

hostile = st.one_of(
    st.sampled_from(sorted(HOSTILE.values())),
    st.text(max_size=400),
    st.builds(lambda char, times: char * times, st.characters(), st.integers(1, 40_000)),
)


def everything_said(text: str) -> list[Message]:
    report = build_report(*soaked(text))
    card = Card(
        title=text,
        lines=(text, f"`{text}`"),
        table=Table(columns=(text, "b"), rows=((text, text),) * 120),
        buttons=(Button(label=text, command=text, confirm=text),),
        context=(text, text),
    )
    return [
        progress_message(progress_of(3, current="connect", text=text)),
        outcome_message(report),
        *thread_messages(report),
        card_message(card),
    ]


@settings(max_examples=60, deadline=None)
@given(text=hostile)
def test_whatever_the_target_says_slack_takes_it(text: str) -> None:
    assert_valid(*everything_said(text))


@pytest.mark.parametrize("length", [1, 2, 74, 76, 149, 151, 255, 299, 2_999, 3_001, 12_001, 40_000])
@pytest.mark.parametrize("char", ["x", "\u202e", "\U0001f525", '"'], ids=ascii)
def test_every_length_fits(length: int, char: str) -> None:
    assert_valid(*everything_said(char * length))


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_is_never_a_mention_nor_markup(kind: str) -> None:
    for message in everything_said(HOSTILE[kind]):
        interpreted = [one["text"] for one in of_type(list(message.blocks), "mrkdwn")]
        for text in (message.text, *interpreted):
            assert not re.search(r"<(?!!date\^|@U0ADA0001>)", text)
            # The bold name of a field is the only formatting, and it is ours.
            text = re.sub(r"^\*[\w ]+\*\n", "", text)
            assert not re.search(r"(?<!\w)[*_~](?=\w)|`(?!\u2060)", text)
        assert not STEERING.search(message.text + words(list(message.blocks)))
        for kind_of in ("user", "usergroup", "channel", "broadcast", "link"):
            assert of_type(list(message.blocks), kind_of) == []


def test_what_cannot_be_seen_is_shown_as_a_mark() -> None:
    shown = words([list(one.blocks) for one in everything_said(HOSTILE["bidi"])])
    assert "‹U+202E›" in shown


# Cards


def test_a_card_is_a_valid_message_with_code_as_its_only_markup() -> None:
    card = Card(
        title="Unknown command",
        lines=("Did you mean `status`? <!channel> *no bold*", "Type `/stagecheck help`."),
        table=Table(columns=("Target", "Last run"), rows=(("staging", "failed"),)),
        buttons=(
            Button(label="Show Status", command="status", style="primary"),
            Button(label="Mute", command="mute staging 2h", confirm="Mute staging for 2 hours?"),
        ),
        context=("2 targets", "checked 3 min ago"),
    )
    message = card_message(card)
    assert_valid(message)
    styled = [one["text"] for one in of_type(list(message.blocks), "text") if "style" in one]
    assert {"status", "/stagecheck help"} <= set(styled)
    assert "<!channel> *no bold*" in words(list(message.blocks))
    assert "<!channel>" not in message.text


def test_a_card_with_too_much_to_say_says_how_much_it_left_out() -> None:
    lines = tuple(f"line {number} {'x' * 200}" for number in range(500))
    message = card_message(Card(title="Long", lines=lines))
    assert_valid(message)
    left = re.search(r"… and (\d+) more lines", words(list(message.blocks)))
    assert left
    assert words(list(message.blocks)).count("line ") == 500 - int(left[1])


def test_an_empty_card_is_still_a_message() -> None:
    assert_valid(card_message(Card(title="Nothing to show")))
    assert card_text(Card(title="Nothing to show")) == "Nothing to show\n"


def test_a_card_in_a_shell_shows_its_table_and_what_to_type() -> None:
    card = Card(
        title="Runs of staging",
        lines=("2 runs.",),
        table=Table(columns=("Run", "Status"), rows=(("r1", "failed"), ("r2", "passed"))),
        buttons=(
            Button(label="Re-run Check", command="run staging"),
            Button(label="Mute", command="mute staging 2h"),
        ),
        context=("newest first",),
    )
    assert card_text(card).splitlines() == [
        "Runs of staging",
        "",
        "  2 runs.",
        "",
        "  Run  Status",
        "  ---  ------",
        "  r1   failed",
        "  r2   passed",
        "",
        "  Re-run Check: stagecheck run staging",
        "  Mute: /stagecheck mute staging 2h",
        "",
        "  newest first",
    ]


def test_a_cause_that_contributes_is_not_called_the_reason() -> None:
    cause = replace(SEED_DIAGNOSIS.causes[1], role=Role.CONTRIBUTING, label=Label.JWT_REJECTED)
    diagnosis = replace(SEED_DIAGNOSIS, causes=(SEED_DIAGNOSIS.causes[0], cause))
    also = {line.label: line.text for line in build_report(SEED_RUN, diagnosis).answer}["Also"]
    assert "it stands in the way too" in also


def test_every_status_has_an_outcome() -> None:
    for status in Status:
        report = build_report(replace(SEED_RUN, status=status), SEED_DIAGNOSIS)
        assert_valid(outcome_message(report), *thread_messages(report))
