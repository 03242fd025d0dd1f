"""Looking at what we have in Slack: tokens, scopes, channels and clocks, and what to click."""

import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum

from slack_sdk.web.async_client import AsyncWebClient

from bot.config import WHERE, SlackCredentials
from bot.errors import DeliveryError, StagecheckError, StoreError
from bot.slack.answers import OPENING, Accepted, Answer, Limited, Lost, Refused, call
from bot.slack.client import UNREACHED
from bot.slack.scopes import ASKED, OPTIONAL
from bot.slack.workspaces import AGAIN, Workspaces

CALL_S = 10.0
# Slack's requests are refused when they are five minutes off, by the clock of this machine.
WORST_SKEW_S, ODD_SKEW_S = 240.0, 20.0
_SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{6,}")
_REINSTALL = "then OAuth & Permissions > Reinstall to Workspace"
_SOCKET = (
    "Slack app page > Basic Information > App-Level Tokens > Generate Token and Scopes, with"
    " connections:write; and Socket Mode > Enable Socket Mode."
)


class State(StrEnum):
    """How a part was found."""

    WELL = "ok"
    ODD = "note"
    BROKEN = "FAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One part, how it was found, and what to do about it."""

    part: str
    state: State
    said: str
    do: str = ""


async def examine(
    credentials: SlackCredentials,
    client: AsyncWebClient,
    *,
    workspaces: Workspaces | None = None,
    channels: Iterable[str] = (),
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Finding]:
    """Yield what is found, part by part. Raises nothing for Slack's doing; posts nothing."""
    yield _signing_secret(credentials)
    if credentials.app_token:
        yield await _app_token(client, credentials.app_token)
    if workspaces is None:
        async for finding in _bot(client, {}, clock):
            yield finding
    else:
        async for finding in _installed(client, workspaces, clock):
            yield finding
    for channel in sorted(set(channels)):
        yield await _channel(client, channel)


async def _installed(
    client: AsyncWebClient, workspaces: Workspaces, clock: Callable[[], float]
) -> AsyncIterator[Finding]:
    try:
        every = await workspaces.every()
    except StoreError as error:
        yield _untold("workspaces", error)
        return
    if not every:
        yield Finding(
            part="workspaces",
            state=State.ODD,
            said="No workspace has installed the app yet.",
            do="Start `stagecheck serve`, and open /slack/install of its address in a browser.",
        )
    for installed in every:
        name = f"workspace {installed.name}"
        try:
            token = {"token": await workspaces.token(installed.key)}
        except (DeliveryError, StoreError) as error:
            yield _untold(name, error)
            continue
        async for finding in _bot(client, token, clock, name=name, do=AGAIN):
            yield finding


async def _bot(
    client: AsyncWebClient,
    token: Mapping[str, str],
    clock: Callable[[], float],
    *,
    name: str = "bot token",
    do: str = WHERE["bot_token"],
) -> AsyncIterator[Finding]:
    answer = await call(client, "auth.test", token, timeout_s=CALL_S)
    if not isinstance(answer, Accepted):
        yield _unasked(name, answer, do)
        return
    who, where = answer.data.get("user"), answer.data.get("team")
    yield Finding(part=name, state=State.WELL, said=f"Slack knows us as {who} in {where}.")
    yield _scopes(answer.headers.get("x-oauth-scopes", ""))
    if date := answer.headers.get("Date", ""):
        yield _clock(date, clock())


def _scopes(given: str) -> Finding:
    have = set(filter(None, re.split(r"[,\s]+", given)))
    lacking, spared = sorted(set(ASKED) - OPTIONAL - have), sorted(OPTIONAL - have)
    click = "OAuth & Permissions > Scopes > Bot Token Scopes > Add an OAuth Scope"
    if lacking:
        return Finding(
            part="scopes",
            state=State.BROKEN,
            said=f"The app lacks {', '.join(lacking)}.",
            do=f"{click}: {', '.join(lacking)}; {_REINSTALL}.",
        )
    if spared:
        return Finding(
            part="scopes",
            state=State.ODD,
            said=f"All that is needed is there; without {', '.join(spared)} some comfort is not.",
            do=f"{click}; {_REINSTALL}. `stagecheck manifest` says what each is for.",
        )
    return Finding(part="scopes", state=State.WELL, said="Every scope is there.")


def _clock(date: str, now: float) -> Finding:
    try:
        skew_s = now - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return Finding(part="clock", state=State.ODD, said="Slack told no time.")
    which = "ahead of" if skew_s > 0 else "behind"
    said = f"The clock here is {abs(skew_s):.0f} s {which} Slack's."
    if abs(skew_s) < ODD_SKEW_S:
        return Finding(part="clock", state=State.WELL, said=said)
    return Finding(
        part="clock",
        state=State.BROKEN if abs(skew_s) >= WORST_SKEW_S else State.ODD,
        said=f"{said} From 300 s on, everything Slack delivers over HTTP is refused.",
        do="Set the clock of this machine by NTP, such as: timedatectl set-ntp true",
    )


def _signing_secret(credentials: SlackCredentials) -> Finding:
    part, secret = "signing secret", credentials.signing_secret
    if credentials.app_token:
        return Finding(part=part, state=State.WELL, said="Not needed over Socket Mode.")
    if credentials.oauth and secret == credentials.oauth.client_secret:
        return Finding(
            part=part,
            state=State.BROKEN,
            said="It is the client secret.",
            do=WHERE["signing_secret"],
        )
    if not _SIGNING_SECRET.fullmatch(secret):
        return Finding(
            part=part,
            state=State.ODD,
            said="It does not look like one: 32 characters, 0-9 and a-f.",
            do=WHERE["signing_secret"],
        )
    said = "It looks like one. Whether it is the app's, only what Slack delivers can show."
    return Finding(part=part, state=State.WELL, said=said)


async def _app_token(client: AsyncWebClient, token: str) -> Finding:
    answer = await call(client, OPENING, {"token": token}, timeout_s=CALL_S)
    if isinstance(answer, Accepted):
        return Finding(part="app token", state=State.WELL, said="Socket Mode can be opened.")
    return _unasked("app token", answer, _SOCKET)


async def _channel(client: AsyncWebClient, channel: str) -> Finding:
    part = f"channel {channel}"
    if not _CHANNEL_ID.fullmatch(channel):
        return Finding(
            part=part,
            state=State.ODD,
            said="By its name alone, whether the bot is a member cannot be asked.",
            do="Name the channel by its id: open it in Slack > its name > About, at the bottom.",
        )
    payload = {"channel": channel, "limit": 1}
    answer = await call(client, "conversations.history", payload, timeout_s=CALL_S)
    if isinstance(answer, Accepted):
        return Finding(part=part, state=State.WELL, said="The bot is a member.")
    if isinstance(answer, Refused) and answer.error.code == "missing_scope":
        return Finding(
            part=part,
            state=State.ODD,
            said="Without channels:history, whether the bot is a member cannot be asked.",
            do=f"OAuth & Permissions > Scopes > channels:history; {_REINSTALL}.",
        )
    if isinstance(answer, Refused) and answer.error.code == "workspace_unknown":
        return Finding(
            part=part,
            state=State.ODD,
            said="In which workspace it is, is not known yet.",
            do="Mention the bot there once: @stagecheck help",
        )
    return _unasked(part, answer, "In that channel, type: /invite @stagecheck")


def _untold(part: str, error: StagecheckError) -> Finding:
    return Finding(part=part, state=State.BROKEN, said=error.message, do=error.hint)


def _unasked(part: str, answer: Answer, do: str) -> Finding:
    """Return what an answer that is none comes to."""
    match answer:
        case Refused(error=error):
            return Finding(part=part, state=State.BROKEN, said=error.message, do=do)
        case Limited(retry_after_s=retry_after_s):
            said = f"Slack asks to wait {retry_after_s:.0f} s before this is asked again."
            return Finding(part=part, state=State.ODD, said=said)
        case Lost(reason=reason):
            said = f"Slack does not answer: {reason}."
            return Finding(part=part, state=State.BROKEN, said=said, do=UNREACHED)
        case Accepted():
            return Finding(part=part, state=State.WELL, said="ok")
