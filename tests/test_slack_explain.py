"""A log explained in Slack: typed, pasted, attached, or picked from what is there already."""

import json
import re
import threading
from dataclasses import replace
from typing import Any

import pytest
from explaining import FOUNDING, PAYLOAD
from slack_house import FAST, House, channel_id, house, said

from bot.deps import Deps
from bot.masking import Masker, Secret
from bot.model import Status
from bot.sandbox import MiniSlack
from bot.sandbox.slack import Delivery, Message
from bot.sandbox.slack.files import EXTERNAL, FOREIGN, SNIPPET
from bot.slack import SHORTCUT

LOG = FOUNDING + PAYLOAD
SECRET = "s3cr3t-of-staging-0815"
# A file of 10 MB does not come in the third of a second that other tests give Slack.
PATIENT = replace(FAST, request_s=10.0)
MODES = pytest.mark.parametrize("socket_mode", [False, True], ids=["http", "socket mode"])


async def form(home: House, *, channel: str = "staging") -> None:
    """Open the form."""
    await home.ask("/stagecheck explain", channel=channel)
    assert home.slack.modal() is not None


async def submit(home: House, **values: Any) -> None:
    """Fill in and submit the open form; wait for all that comes of it."""
    delivery = await home.slack.submit(values)
    assert delivery.ok, delivery.error
    await home.idle()


async def pick(home: House, message: Message, *, user: str = "ada") -> None:
    """Use the shortcut on a message; wait for all that comes of it."""
    delivery = await home.slack.shortcut(SHORTCUT, message_ts=message.ts, user=user)
    assert delivery.ok, delivery.error
    await home.idle()


def report_of(home: House, *, channel: str = "staging") -> tuple[Message, list[Message]]:
    """Return the one answer in a channel, and what stands below it."""
    parent, *thread = [m for m in home.slack.messages(channel) if m.by_app]
    return parent, thread


def whispered(home: House, *, channel: str = "staging") -> str:
    """Return what was told to the caller alone."""
    return " ".join(said(told.blocks) for told in home.slack.ephemerals(channel))


def run_id(message: Message) -> str:
    """Return the run that an answer names."""
    [words] = [said(block) for block in message.blocks if block["type"] == "context"]
    return words.split("run ")[1].split()[0]


@MODES
async def test_a_pasted_log_is_explained_in_the_channel_and_never_taken_for_a_live_run(
    socket_mode: bool,
) -> None:
    async with house(socket_mode=socket_mode) as home:
        await form(home)
        await submit(home, log=LOG, origin="nightly build 4711")
        parent, thread = report_of(home)
        await home.ask(f"/stagecheck show {run_id(parent)}")
        shown = home.slack.messages()[-1]
        kept = await home.deps.store.run(run_id(parent))
    report = " ".join(said(message.blocks) for message in (parent, *thread))
    assert not parent.is_reply
    assert {message.thread_ts for message in thread} == {parent.ts}
    assert "Failed: the run in the pasted log" in parent.text
    assert "Not executed: " in report
    assert "nothing was executed" in report
    assert "nightly build 4711" in report
    assert "Re-run" not in report
    assert (kept.executed, kept.caller.id) == (False, home.slack.workspace.user("ada").id)
    assert "Failed: the run in the pasted log" in said(shown.blocks)
    assert home.staging.received == []
    assert home.slack.modal() is None


async def test_text_on_the_line_is_explained_as_it_stands() -> None:
    line = 'AssertionError: "quote that never ends & <b>, AUTH_REQUIRED, close code 4401'
    async with house() as home:
        await home.ask(f"/stagecheck explain {line}\n{FOUNDING}")
        parent, thread = report_of(home)
    assert "pasted log" in parent.text
    assert line in " ".join(said(message.blocks) for message in thread)


async def test_the_form_says_what_fits_and_where_the_answer_goes() -> None:
    async with house() as home:
        await form(home)
        view = home.slack.modal()
        again = await home.slack.redeliver(await home.slack.command("/stagecheck explain"))
        await home.idle()
        opened = [call for call in home.slack.calls if call.method == "views.open"]
    assert view is not None
    words = said(view.body["blocks"])
    assert "at most 3,000 characters" in words
    assert f"<#{channel_id(home.slack)}>" in words
    assert again.ok
    assert len(opened) == 2


@MODES
@pytest.mark.parametrize(
    ("name", "content", "mimetype", "mode", "said_there"),
    [
        (None, b"", "", "", "Paste a log here"),
        ("screen.png", b"\x89PNG", "", "hosted", "screen.png is not text (image/png)"),
        ("logs.zip", b"PK", "", "hosted", "logs.zip is not text (application/zip)"),
        ("huge.log", b"x" * 10_485_761, "", "hosted", "huge.log is larger than 10 MB"),
        ("empty.log", b"", "", "hosted", "empty.log is empty"),
        ("doc", b"x", "text/plain", EXTERNAL, "doc is kept outside Slack"),
    ],
)
async def test_what_cannot_be_explained_is_said_at_its_field(
    name: str | None, content: bytes, mimetype: str, mode: str, said_there: str, socket_mode: bool
) -> None:
    async with house(socket_mode=socket_mode) as home:
        await form(home)
        files = [home.slack.attach(name, content, mimetype=mimetype, mode=mode)] if name else []
        delivery = await home.slack.submit({"file": files, "log": "  \n"})
        assert delivery.ack["response_action"] == "errors"
        [(field, words)] = delivery.ack["errors"].items()
        assert home.slack.modal() is not None
        await submit(home, file=[], log=LOG)
        parent, _ = report_of(home)
    assert field == ("file" if name else "log")
    assert words.startswith(said_there)
    assert "pasted log" in parent.text


@MODES
async def test_a_submission_that_is_delivered_again_is_answered_once(socket_mode: bool) -> None:
    async with house(socket_mode=socket_mode) as home:
        await form(home)
        delivery = await home.slack.submit({"log": LOG})
        for attempt in (1, 2):
            assert (await home.slack.redeliver(delivery, attempt=attempt)).ok
        # Pressed again by a person whose Slack was not told in time that it had worked.
        pressed = replace(delivery, payload={**delivery.payload, "trigger_id": "4.5.6"})
        assert (await home.slack.redeliver(pressed)).ok
        await home.idle()
        parents = [m for m in home.slack.messages() if not m.is_reply]
    assert len(parents) == 1


async def test_the_same_log_may_be_pasted_again_and_is_answered_again() -> None:
    async with house() as home:
        for _ in range(2):
            await form(home)
            await submit(home, log=LOG)
        first, second = (m for m in home.slack.messages() if not m.is_reply)
    assert run_id(first) != run_id(second)


async def test_a_log_in_a_file_of_ten_megabytes_is_read_in_a_thread_of_its_own() -> None:
    readers: list[str] = []

    class Watched(Masker):
        def mask(self, text: str) -> str:
            if len(text) > 1_000_000:
                readers.append(threading.current_thread().name)
            return super().mask(text)

    def watch(deps: Deps) -> Deps:
        return replace(deps, masker=Watched(pepper=b"pepper"))

    lines = (f"2026-01-02T03:04:05Z INFO step {n} done\r\n" for n in range(300_000))
    log = "".join(lines).encode()[: 10_485_760 - len(LOG)] + LOG.encode()
    async with house(changed=watch, pace=PATIENT) as home:
        await form(home)
        await submit(home, file=[home.slack.attach("tests.log", log)])
        parent, _ = report_of(home)
    assert "pasted log" in parent.text
    assert readers
    assert threading.main_thread().name not in readers


@pytest.mark.parametrize(
    ("name", "content", "answer"),
    [
        ("core.log", bytes(range(256)) * 40, "This is not text"),
        ("packed.log", b"\x1f\x8b\x08\x00" + bytes(range(128)) * 9, "This is not text"),
        ("blank.log", b"\r\n \r\n", "There is nothing to explain here"),
    ],
)
async def test_bytes_that_are_no_log_are_refused_to_the_caller_alone(
    name: str, content: bytes, answer: str
) -> None:
    async with house() as home:
        await form(home)
        await submit(home, file=[home.slack.attach(name, content)])
        told = whispered(home)
    assert answer in told
    assert home.slack.messages() == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
async def test_a_log_is_read_whatever_wrote_it(encoding: str) -> None:
    coloured = "\x1b[31m" + LOG.replace("\n", "\x1b[0m\r\n") + "Prüfung fehlgeschlagen\r\n"
    async with house() as home:
        await form(home)
        await submit(home, file=[home.slack.attach("console", coloured.encode(encoding))])
        parent, thread = report_of(home)
    assert "Failed: the run in the pasted log" in parent.text
    report = " ".join(said(message.blocks) for message in thread)
    assert "Prüfung fehlgeschlagen" in report
    assert f"{len(LOG.splitlines()) + 1} lines read" in report


async def test_no_secret_of_ours_leaves_a_pasted_log_or_is_kept() -> None:
    def know(deps: Deps) -> Deps:
        known = Secret(name="bypass key", value=SECRET, source="test")
        return replace(deps, masker=Masker([known], pepper=b"pepper"))

    # Far from any sign of a failure, in what is recognised, and in UTF-16.
    log = f"key={SECRET}\n{FOUNDING}close code 1008 reason {SECRET} refused\n".encode("utf-16")
    async with house(changed=know) as home:
        await form(home)
        await submit(home, file=[home.slack.attach("tests.log", log)], origin=SECRET)
        parent, thread = report_of(home)
        kept = await home.deps.store.run(run_id(parent))
    assert SECRET not in json.dumps([list(m.blocks) for m in (parent, *thread)])
    assert SECRET not in repr(kept)
    assert "[redacted bypass key" in repr(kept)


HOSTILE = (
    "<!channel> <!here> <@U0123ABCD> <https://evil.example.test|click> @everyone *bold* `x`\n"
    "AUTH_REQUIRED <!channel>: Authentication failed \u202e\x1b]0;owned\x07 ```<!everyone>\n"
)


async def test_nothing_in_a_pasted_log_is_markup_notifies_or_steers() -> None:
    async with house() as home:
        await form(home)
        await submit(home, log=HOSTILE + LOG[:2_000], origin="<!channel> *build*")
        messages = report_of(home)
    for message in (messages[0], *messages[1]):
        drawn = json.dumps([message.text, *mrkdwn_of(message.blocks)])
        assert not [
            found for found in ("<!channel", "<!here", "<!every", "<https") if found in drawn
        ]
        assert "\u202e" not in json.dumps(list(message.blocks), ensure_ascii=False)
        assert "\x1b" not in said(message.blocks)


def mrkdwn_of(value: Any) -> list[str]:
    """Return every text in which Slack would interpret markup."""
    if isinstance(value, dict):
        here = [value["text"]] if value.get("type") == "mrkdwn" else []
        return here + [text for inner in value.values() for text in mrkdwn_of(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in mrkdwn_of(inner)]
    return []


async def test_where_the_bot_is_no_member_the_answer_comes_directly() -> None:
    slack = MiniSlack()
    slack.workspace.add_channel("elsewhere", bot_is_member=False)
    async with house(slack=slack) as home:
        await form(home, channel="elsewhere")
        await submit(home, log=LOG)
        direct = slack.workspace.direct_channel(slack.workspace.user("ada")).id
        parent, thread = report_of(home, channel=direct)
        told = whispered(home, channel="elsewhere")
    assert "Failed: the run in the pasted log" in parent.text
    assert {message.thread_ts for message in thread} == {parent.ts}
    assert "may be here twice" not in said(parent.blocks)
    assert "I could not answer here" in told
    assert "I have sent the answer to you directly" in told


async def test_where_slack_has_no_way_to_the_caller_the_outcome_is_whispered() -> None:
    slack = MiniSlack()
    slack.workspace.add_channel("elsewhere", bot_is_member=False)
    async with house(slack=slack) as home:
        await form(home, channel="elsewhere")
        slack.fail("chat.postMessage", times=2, how="messages_tab_disabled")
        await submit(home, log=LOG)
        told = whispered(home, channel="elsewhere")
        [run] = [word for word in told.split() if re.fullmatch("p[0-9a-f]{16}", word)][:1]
        kept = await home.deps.store.run(run)
    assert "Not executed: " in told
    assert kept.status is Status.FAILED


async def test_a_form_that_slack_opens_no_more_is_told_to_the_caller() -> None:
    async with house() as home:
        home.slack.fail("views.open", how="expired_trigger_id")
        await home.ask("/stagecheck explain")
        told = whispered(home)
    assert "The form did not open in time" in told
    assert home.slack.modal() is None


async def test_a_form_left_open_over_a_restart_is_answered_in_its_channel() -> None:
    async with house() as first:
        await form(first)
        view = first.slack.modal()
    assert view is not None
    body = {**view.body, "id": view.id, "state": {"values": {"log": {"log": {"value": LOG}}}}}
    async with house() as second:
        ada = second.slack.workspace.user("ada").id
        payload = {"type": "view_submission", "view": body, "user": {"id": ada}}
        done = await second.slack.redeliver(Delivery(kind="interactive", payload=payload))
        await second.idle()
        parent, _ = report_of(second)
    assert done.ok
    assert "Failed: the run in the pasted log" in parent.text


@MODES
async def test_a_message_is_explained_in_its_thread(socket_mode: bool) -> None:
    async with house(socket_mode=socket_mode) as home:
        message = home.slack.say(f"it broke again <b> & co:\n{FOUNDING}", user="grace")
        await pick(home, message)
        parent, thread = report_of(home)
        kept = await home.deps.store.run(run_id(parent))
    assert {m.thread_ts for m in (parent, *thread)} == {message.ts}
    assert "Failed: the run in the pasted log" in parent.text
    assert kept.caller.id == home.slack.workspace.user("ada").id
    assert "it broke again <b> & co:" in kept.transcript[0].text


async def test_a_reply_is_explained_in_the_thread_it_stands_in() -> None:
    async with house() as home:
        root = home.slack.say("anybody?")
        reply = home.slack.say(FOUNDING, thread_ts=root.ts)
        await pick(home, reply)
        parent, _ = report_of(home)
    assert parent.thread_ts == root.ts


async def test_a_shortcut_that_is_delivered_again_is_answered_once() -> None:
    async with house() as home:
        message = home.slack.say(FOUNDING)
        delivery = await home.slack.shortcut(SHORTCUT, message_ts=message.ts)
        assert (await home.slack.redeliver(delivery)).ok
        await home.idle()
        outcomes = [m for m in home.slack.messages() if "Not executed: " in said(m.blocks)]
    assert len(outcomes) == 1


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "There is nothing to explain here"),
        (":tada:", "I recognise nothing in this"),
        ("lunch at noon?", "I recognise nothing in this"),
    ],
)
async def test_a_message_without_a_failure_in_it_is_answered_to_the_caller_alone(
    text: str, answer: str
) -> None:
    async with house() as home:
        message = home.slack.say(text)
        await pick(home, message)
        told = whispered(home)
        [button] = home.slack.numbered_buttons()
        await home.press(button.message_ts, button.action_id)
    assert answer in told
    assert "A log with the failure in it helps" in told
    assert [m for m in home.slack.messages() if m.by_app] == []
    assert home.slack.modal() is not None


async def test_what_another_app_says_in_blocks_and_attachments_is_read() -> None:
    code = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": PAYLOAD}]}
    blocks = [{"type": "rich_text", "elements": [code]}]
    attachment = {"fallback": "no", "title": "auth", "text": "close code 4401 &lt;b&gt;"}
    async with house() as home:
        message = home.slack.say("Build failed", blocks=blocks, attachments=[attachment])
        await pick(home, message)
        parent, _ = report_of(home)
        kept = await home.deps.store.run(run_id(parent))
    text = "\n".join(line.text for line in kept.transcript)
    assert "Failed: the run in the pasted log" in parent.text
    assert "Build failed" in text
    assert "UserExecutionContext" in text
    assert "close code 4401 <b>" in text


@pytest.mark.parametrize("mode", [SNIPPET, FOREIGN])
async def test_the_text_files_of_a_message_are_read_and_its_pictures_are_not(mode: str) -> None:
    async with house() as home:
        picture = home.slack.attach("screen.png", b"\x89PNG\0\0\0\0")
        log = home.slack.attach("tests.log", LOG.encode(), mode=mode)
        message = home.slack.say("see the log", files=[picture, log])
        await pick(home, message)
        parent, _ = report_of(home)
        kept = await home.deps.store.run(run_id(parent))
        fetched = [call for call in home.slack.calls if call.method == "download"]
    assert "Failed: the run in the pasted log" in parent.text
    assert "UserExecutionContext" in " ".join(line.text for line in kept.transcript)
    assert len(fetched) == 1


async def test_a_message_of_pictures_alone_says_what_is_wrong_with_them() -> None:
    async with house() as home:
        message = home.slack.say("", files=[home.slack.attach("screen.png", b"\x89PNG")])
        await pick(home, message)
        told = whispered(home)
    assert "screen.png is not text (image/png)" in told


async def test_a_report_of_our_own_is_not_explained_again() -> None:
    async with house() as home:
        await home.ask(f"/stagecheck explain {FOUNDING}")
        parent, _ = report_of(home)
        before = len(home.slack.messages())
        await pick(home, parent)
        told = whispered(home)
    assert "I wrote this message myself" in told
    assert len(home.slack.messages()) == before


async def test_a_message_where_the_bot_is_no_member_is_explained_directly() -> None:
    slack = MiniSlack()
    slack.workspace.add_channel("elsewhere", bot_is_member=False)
    async with house(slack=slack) as home:
        await pick(home, slack.say(FOUNDING, channel="elsewhere"))
        direct = slack.workspace.direct_channel(slack.workspace.user("ada")).id
        parent, _ = report_of(home, channel=direct)
        hidden = slack.attach("tests.log", LOG.encode())
        await pick(home, slack.say("", channel="elsewhere", files=[hidden]))
        told = whispered(home, channel="elsewhere")
    assert "Failed: the run in the pasted log" in parent.text
    assert "Slack does not give me tests.log (HTTP 404)" in told
    assert "/invite @stagecheck" in told


async def test_a_message_that_was_deleted_meanwhile_is_explained_directly() -> None:
    async with house() as home:
        message = home.slack.say(FOUNDING)
        home.slack.fail("chat.postMessage", how="thread_not_found")
        await pick(home, message)
        direct = home.slack.workspace.direct_channel(home.slack.workspace.user("ada")).id
        parent, thread = report_of(home, channel=direct)
    assert "Failed: the run in the pasted log" in parent.text
    assert thread


async def test_trouble_with_a_file_is_overcome_or_told() -> None:
    async with house() as home:
        message = home.slack.say("", files=[home.slack.attach("tests.log", LOG.encode())])
        home.slack.fail("download", how="503", times=2)
        await pick(home, message)
        parent, _ = report_of(home)
        home.slack.fail("download", how="html")
        await pick(home, message)
        told = whispered(home)
        counted = home.deps.metrics.render().decode()
    assert "Failed: the run in the pasted log" in parent.text
    assert "Slack does not give me tests.log (HTTP 403)" in told
    assert 'method="url_private_download",outcome="http_503"} 2.0' in counted


async def test_a_text_that_tells_of_no_failure_is_answered_honestly_where_it_was_asked() -> None:
    async with house() as home:
        await home.ask("/stagecheck explain the moon is made of cheese")
        parent, thread = report_of(home)
    assert "Not executed: " in said(parent.blocks)
    assert "Not executed: " in said(parent.blocks)
    assert thread


async def test_files_that_are_too_large_together_are_refused() -> None:
    async with house(pace=PATIENT) as home:
        half = b"AUTH_REQUIRED\n" * 400_000
        files = [home.slack.attach(f"{n}.log", half) for n in range(2)]
        await pick(home, home.slack.say("", files=files))
        told = whispered(home)
    assert "This log is too large" in told
    assert "stagecheck explain FILE" in told
    assert [m for m in home.slack.messages() if m.by_app] == []


async def test_whoever_cannot_be_whispered_to_any_more_is_told_directly() -> None:
    async with house() as home:
        await form(home)
        view = home.slack.modal()
        assert view is not None
        file = home.slack.files.give(home.slack.attach("a.log", bytes(range(256)) * 40))
        state = {"values": {"file": {"file": {"type": "file_input", "files": [file]}}}}
        # Grace has typed nothing here, so there is no address at which she could be answered.
        payload = {
            "type": "view_submission",
            "view": {**view.body, "id": "V1", "state": state},
            "user": {"id": home.slack.workspace.user("grace").id},
        }
        assert (await home.slack.redeliver(Delivery(kind="interactive", payload=payload))).ok
        await home.idle()
        direct = home.slack.workspace.direct_channel(home.slack.workspace.user("grace")).id
        [told] = home.slack.messages(direct)
    assert "This is not text" in said(told.blocks)


async def test_a_pasted_log_is_no_run_of_a_target() -> None:
    async with house() as home:
        await home.ask(f"/stagecheck explain {FOUNDING}")
        await home.ask("/stagecheck history")
        await home.ask("/stagecheck status")
        told = whispered(home)
    assert "No runs yet" in told
    assert "Never checked: staging" in told


async def test_at_most_two_logs_are_in_memory_at_once() -> None:
    reading, most = 0, 0

    class Counting(Masker):
        def mask(self, text: str) -> str:
            nonlocal reading, most
            if "AUTH_REQUIRED" not in text:
                return super().mask(text)
            reading += 1
            most = max(most, reading)
            started.wait(0.2)  # long enough for all of them to be there, were they let in
            reading -= 1
            return super().mask(text)

    started = threading.Event()
    async with house(changed=lambda deps: replace(deps, masker=Counting(pepper=b"pepper"))) as home:
        for number in range(6):
            assert (await home.slack.command(f"/stagecheck explain {number} AUTH_REQUIRED")).ok
        await home.idle()
        answered = [m for m in home.slack.messages() if not m.is_reply]
    assert 0 < most <= 2
    assert len(answered) == 6
