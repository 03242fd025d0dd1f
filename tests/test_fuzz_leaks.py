"""Thousands of secrets in every dress go through every way out, and none comes through.

Whoever looks for them (`tests.leaks`) shares no code with the masker; that he finds what is there
is shown first, and again with a masker that does not know one of the secrets.
"""

import asyncio
import base64
import io
import json
import logging
import random
import subprocess
import sys
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
import structlog

from bot.config import SlackCredentials
from bot.diagnosis import diagnose
from bot.diagnosis.logs import read_log
from bot.errors import UsageError
from bot.masking import Masker, Secret
from bot.metrics import Metrics
from bot.model import Run
from bot.probe import Network
from bot.probe.session import Session
from bot.report import RENDERERS, Card, Message, build_report, card_message
from bot.slack import Outbox, close_client, open_client
from bot.store import Store
from tests.leaks import CONTEXTS, DRESSES, leaks_in, random_secret
from tests.logged import logging_to
from tests.probing import target_at
from tests.samples import SEED_RUN, soaked

SEEDS = range(8)
SECRETS = 8
PER_DRESS = 4
CASES_AT_LEAST = 20_000
PEPPER = b"a pepper"
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Secrets, the texts that they stand in, and a masker that knows them."""

    secrets: list[str]
    texts: list[str]
    masker: Masker
    forgotten: int = 0


# How a secret may be configured: what leaks is what the target makes of it.
HELD: tuple[Callable[[str], str], ...] = (
    str,
    lambda value: base64.b64encode(value.encode()).decode(),
    lambda value: f'"{value}"\n',
    lambda value: f"E2E_KEY={value}",
)


def known(values: list[str]) -> list[Secret]:
    return [
        Secret(name=f"secret {number}", source="env:X", value=HELD[number % len(HELD)](value))
        for number, value in enumerate(values)
    ]


def batch(seed: int, *, forgotten: int = 0) -> Batch:
    """Return a batch whose masker does not know the first `forgotten` secrets."""
    dice = random.Random(seed)
    secrets = [random_secret(dice) for _ in range(SECRETS)]
    texts = [
        dice.choice(CONTEXTS).format(dress(dice.choice(secrets)))
        for dress in DRESSES.values()
        for _ in range(PER_DRESS)
    ]
    masker = Masker(known(secrets[forgotten:]), pepper=PEPPER)
    return Batch(secrets=secrets, texts=texts, masker=masker, forgotten=forgotten)


# -- the ways out: each takes the texts as they come, and returns all that can be read afterwards


async def probed(made: Batch) -> Run:
    """Return a run that met the texts, as the probe records them."""
    session = Session(
        replace(target_at(1), bypass_key=None, jwt_secret=None),
        check="pipeline",
        network=Network(),
        masker=made.masker,
        started_at=datetime.now(UTC),
    )
    session.enter("exchange", ("*",), limit_s=1.0)
    for number, text in enumerate(made.texts):
        session.observe("detail", {"said": [text], text: number} if number % 2 else text)
        session.received(text)
        if number % 20 == 0:
            session.sent("GET /", text)
            session.noted(text)
    return replace(SEED_RUN, observations=session.seen, transcript=session.transcript)


async def recorded(made: Batch) -> str:
    run = await probed(made)
    seen = [one.value for one in run.observations]
    return json.dumps([seen, [line.text for line in run.transcript]])


async def reported(form: str, made: Batch) -> str:
    run = await probed(made)
    return RENDERERS[form](build_report(run, diagnose(run)))


async def pasted(made: Batch) -> str:
    run = read_log(made.masker.mask("\n".join(made.texts)))
    report = build_report(run, diagnose(run))
    return "".join(RENDERERS[form](report) for form in ("text", "html", "json", "blocks"))


async def sent_to_slack(made: Batch) -> str:
    client = open_client(SlackCredentials(bot_token="xoxb-0", signing_secret="0"))
    try:
        outbox = Outbox(client, masker=made.masker, metrics=Metrics())
        messages = [
            Message(text=text, blocks=({"type": "markdown", "text": text},)) for text in made.texts
        ]
        messages += [
            card_message(Card(title="That did not work", lines=(text,))) for text in made.texts
        ]
        return json.dumps([outbox.whispered(message) for message in messages])
    finally:
        await close_client(client)


async def kept(made: Batch) -> str:
    """Return all that is in the database once runs were saved that nobody had masked."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "kept.db"
        store = await Store.open(f"sqlite:///{path}")
        try:
            store.mask_with(made.masker)
            for number, text in enumerate(made.texts[::10]):
                run, diagnosis = soaked(text)
                await store.save_run(replace(run, id=f"r{number:06}"), diagnosis)
        finally:
            await store.close()
        raw = path.read_bytes().decode("latin-1")
        return raw + "".join(_values(path))


def _values(path: Path) -> Iterator[str]:
    engine = sa.create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            for [name] in connection.execute(
                sa.text("SELECT name FROM sqlite_master WHERE type = 'table'")
            ).all():
                for row in connection.execute(sa.text(f'SELECT * FROM "{name}"')):
                    for value in row:
                        is_packed = isinstance(value, bytes) and value[:1] == b"\x78"
                        yield zlib.decompress(value).decode() if is_packed else str(value)
    finally:
        engine.dispose()


async def logged(form: str, made: Batch) -> str:
    written = io.StringIO()
    with logging_to(written, made.masker, form):
        ours, theirs = structlog.get_logger("bot.ours"), logging.getLogger("library")
        for number, text in enumerate(made.texts):
            match number % 8:
                case 0:
                    ours.info("refused", error=text)
                case 1:
                    ours.warning(text, details={"said": [text, {"deep": text}]})
                case 2:
                    theirs.error("cannot send %s to %r", text, {"key": text})
                case 3:
                    theirs.info(text)
                case 4:
                    ours.info("sent", raw=text.encode(), said={"to": [{text}, ValueError(text)]})
                case 5:
                    theirs.info({text: (1, text.encode(), frozenset([text]))})
                case 6:
                    theirs.info("%d items", text)
                case _:
                    broken = _broken(text)
                    ours.error("broke", exc_info=(type(broken), broken, broken.__traceback__))
    return written.getvalue()


def _broken(text: str) -> BaseException:
    """Return an exception that has the text in it, in its cause, its notes and its group."""
    try:
        try:
            raise ValueError(text)
        except ValueError as error:
            error.add_note(text)
            raise ExceptionGroup(text, [error, UsageError(text, hint=text)]) from error
    except ExceptionGroup as group:
        return group


async def crashed(made: Batch) -> str:
    """Return what a process says that nobody saves from its own mistake."""
    script = (
        "import json, sys\n"
        "from bot import journal\n"
        "from bot.masking import Masker, Secret\n"
        "secrets, texts = json.load(sys.stdin)\n"
        "known = [Secret(name='s', source='env:X', value=value) for value in secrets]\n"
        "journal.configure(Masker(known, pepper=b'p'), format='json')\n"
        "journal.log_uncaught()\n"
        "raise ExceptionGroup('broke', [ValueError(text) for text in texts])\n"
    )
    # Python itself shows the first fifteen of a group.
    texts = made.texts[:15]
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", script],
        input=json.dumps([made.secrets[made.forgotten :], texts]),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert "stagecheck broke" in done.stderr
    return done.stdout + done.stderr


async def measured(made: Batch) -> str:
    """Return the metrics after runs whose every text came from outside."""
    metrics = Metrics()
    for number, text in enumerate(made.texts):
        run, _ = soaked(made.masker.mask(text))
        metrics.count(replace(run, id=f"r{number:06}"))
    return metrics.render().decode()


async def shown(made: Batch) -> str:
    """Return how the things that hold secrets show themselves in a debugger or a traceback."""
    held = known(made.secrets)
    target = target_at(1, bypass_key=held[0], jwt_secret=held[1], proxy_credentials=held[2])
    things = [
        *held,
        target,
        made.masker,
        SlackCredentials(bot_token=made.secrets[0], signing_secret=""),
    ]
    return "".join(f"{thing!r} {thing}" for thing in things)


WAYS: Mapping[str, Callable[[Batch], Awaitable[str]]] = {
    "observations": recorded,
    **{f"report as {form}": partial(reported, form) for form in RENDERERS},
    "pasted log": pasted,
    "Slack": sent_to_slack,
    "store": kept,
    "log in JSON": partial(logged, "json"),
    "log for people": partial(logged, "console"),
    "crash": crashed,
    "metrics": measured,
    "repr": shown,
}

# -- the promise


def test_whoever_looks_finds_a_secret_in_every_dress_and_context() -> None:
    dice = random.Random(7)
    for secret in (random_secret(dice) for _ in range(10)):
        for name, dress in DRESSES.items():
            for context in CONTEXTS:
                found = leaks_in(context.format(dress(secret)), [secret])
                assert found == [secret], (name, context)


def test_there_are_cases_enough() -> None:
    # The store and a crash take a part of each batch only.
    assert len(SEEDS) * len(batch(0).texts) * (len(WAYS) - 2) >= CASES_AT_LEAST


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("way", WAYS)
async def test_no_secret_comes_through(way: str, seed: int) -> None:
    made = batch(seed)
    output = await WAYS[way](made)
    assert leaks_in(output, made.secrets) == []


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("metrics", "repr")])
async def test_a_secret_that_the_masker_does_not_know_comes_through_and_is_found(way: str) -> None:
    made = batch(99, forgotten=SECRETS)
    output = await WAYS[way](made)
    assert leaks_in(output, made.secrets)
