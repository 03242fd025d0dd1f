"""A bypass key has many places: .env files, Google Secret Manager, a list of candidates."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.config import gsm, refreshed
from bot.config.dotenv import lookup
from bot.config.references import is_reference
from bot.target import Target
from bot.web import Handler
from tests.configurations import Env, refusal_under, staging

# -- .env files


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("KEY=abc\n", "abc"),
        ("export KEY = abc  \n", "abc"),
        ("KEY=abc # the new one\n", "abc"),
        ("KEY=abc#def\n", "abc#def"),
        ("KEY='a b # c'\n", "a b # c"),
        ('KEY="a\\"b\\n"\n', 'a"b\n'),
        ('KEY="line one\nline two"\nOTHER=1\n', "line one\nline two"),
        ("\ufeffKEY=abc\r\n", "abc"),
        ("#KEY=no\nKEY=abc", "abc"),
        ("KEY=old\nKEY=new\n", "new"),
        ("KEY=${OTHER}\n", "${OTHER}"),
        ("KEY=\n", ""),
        ("MY_KEY=abc\n", None),
        ("KEY='never closed\n", "'never closed"),
    ],
)
def test_a_variable_of_a_dotenv_file_is_read_as_most_readers_do(
    text: str, value: str | None
) -> None:
    assert lookup(text, "KEY")[0] == value


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("KEY=a\nKEY=b\n", "given 2 times, with different values"),
        ("KEY=a\nKEY=a\n", "given 2 times, alike"),
        ("KEY='a'\n", "docker --env-file takes such quotes for a part of the value"),
        ("KEY=a\r\n", "a shell that sources it keeps the CR"),
    ],
)
def test_what_readers_of_dotenv_files_disagree_on_is_noted(text: str, note: str) -> None:
    assert note in "; ".join(lookup(text, "KEY")[1])


def test_a_dotenv_file_is_relative_to_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / ".env").write_text("KEY=s3cret-value\n")
    key = staging(tmp_path, "bypass_key: '${dotenv:secrets/.env#KEY}'").bypass_key
    assert key is not None
    assert (key.value, key.source) == ("s3cret-value", "dotenv:secrets/.env#KEY")


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("${dotenv:.env#ABSENT}", "has no ABSENT"),
        ("${dotenv:.env#BLANK}", "BLANK in file"),
        ("${dotenv:absent.env#KEY}", "does not exist"),
    ],
)
def test_a_variable_that_is_not_in_a_dotenv_file_is_a_problem(
    tmp_path: Path, reference: str, problem: str
) -> None:
    (tmp_path / ".env").write_text("KEY=1\nBLANK=\n")
    key = staging(tmp_path, f"bypass_key: '{reference}'").bypass_key
    assert key is not None
    assert key.value is None
    assert problem in key.problem


# -- candidates


def sources(target: Target) -> list[tuple[int, str]]:
    return [(place.rank, place.secret.source) for place in target.keys]


def test_of_several_candidates_the_first_that_is_set_counts(tmp_path: Path) -> None:
    env = {"NEXT": "the-next-key", "E2E_BYPASS_KEY": "a-legacy-key"}
    more = "bypass_key: ['${env:CURRENT}', '${env:NEXT}', '${file:absent}']"
    target = staging(tmp_path, more, env)
    assert target.bypass_key is not None
    assert target.bypass_key.source == "env:NEXT"
    named = [(1, "env:CURRENT"), (2, "env:NEXT"), (3, "file:absent")]
    assert sources(target) == [*named, (0, "env:E2E_BYPASS_KEY")]
    assert {"the-next-key", "a-legacy-key"} <= {secret.value for secret in target.secrets}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("[]", "must list 1 to 8 references, not 0"),
        ("['${env:A}', literal-key]", "is a secret and must be a reference"),
        (str(["${env:A}"] * 9), "must list 1 to 8 references, not 9"),
    ],
)
def test_a_list_of_candidates_holds_references_only(
    tmp_path: Path, given: str, problem: str
) -> None:
    assert problem in refusal_under(tmp_path, f"bypass_key: {given}")


def test_only_a_bypass_key_may_be_a_list(tmp_path: Path) -> None:
    words = refusal_under(tmp_path, "jwt_secret: ['${env:A}', '${env:B}']")
    assert "targets.staging.jwt_secret is a secret and must be a reference" in words


def test_what_else_holds_the_same_value_is_known_by_name(tmp_path: Path) -> None:
    env = {"KEY": "one-and-the-same", "JWT": "one-and-the-same\n", "CI_TOKEN": "one-and-the-same"}
    more = "bypass_key: '${env:KEY}'\njwt_secret: '${env:JWT}'"
    [place] = staging(tmp_path, more, env).keys
    assert place.twins == ("jwt_secret", "env:CI_TOKEN")


def test_a_rotated_file_is_read_again_and_the_rest_stays(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("the-old-key")
    env: Env = {"JWT": "the-jwt-secret"}
    target = staging(tmp_path, "bypass_key: '${file:key}'\njwt_secret: '${env:JWT}'", env)
    file.write_text("the-new-key")
    fresh = refreshed(target, env=env, folder=tmp_path)
    assert fresh.bypass_key is not None
    assert fresh.bypass_key.value == fresh.keys[0].secret.value == "the-new-key"
    assert fresh.jwt_secret == target.jwt_secret


@pytest.mark.parametrize(
    ("key", "jwt", "twins"),
    [
        ("the-jwt-secret", "the-jwt-secret", ("jwt_secret",)),
        ("another-key", "the-jwt-secret", ()),
        ("another-key", "another-key", ("jwt_secret",)),
    ],
)
@pytest.mark.parametrize("before", ["the-jwt-secret", "the-right-key"])
def test_what_else_holds_the_same_value_is_looked_at_again(
    tmp_path: Path, before: str, key: str, jwt: str, twins: tuple[str, ...]
) -> None:
    (tmp_path / "key").write_text(before)
    (tmp_path / "jwt").write_text("the-jwt-secret")
    target = staging(tmp_path, "bypass_key: '${file:key}'\njwt_secret: '${file:jwt}'", {})
    (tmp_path / "key").write_text(key)
    (tmp_path / "jwt").write_text(jwt)
    [place] = refreshed(target, env={}, folder=tmp_path).keys
    assert place.twins == twins


# -- Google Secret Manager, with a server on this machine in its place


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("${gsm:my-project/e2e-bypass-key}", True),
        ("${gsm:my-project/e2e-bypass-key/7}", True),
        ("${gsm:e2e-bypass-key}", False),
        ("${gsm:../x/y}", False),
        ("${gsm:p/s/v/w}", False),
    ],
)
def test_a_secret_of_google_is_named_by_project_and_name(text: str, known: bool) -> None:
    assert is_reference(text) is known


@asynccontextmanager
async def google(
    folder: Path, answer: web.Response | Handler, asked: list[str]
) -> AsyncIterator[Env]:
    """Serve tokens and one secret; yield the environment of a machine that uses them."""

    async def token(_: web.Request) -> web.Response:
        return web.json_response({"access_token": "a-google-token", "expires_in": 3600})

    async def access(request: web.Request) -> web.StreamResponse:
        asked.append(f"{request.headers.get('Authorization')} {request.path}")
        return answer if isinstance(answer, web.Response) else await answer(request)

    app = web.Application()
    app.router.add_post("/token", token)
    app.router.add_get("/v1/{rest:.*}", access)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    [(host, port)] = [address[:2] for address in runner.addresses]
    account = {
        "type": "service_account",
        "client_email": "bot@my-project.iam.example.test",
        "private_key": _private_key(),
        "private_key_id": "1",
        "token_uri": f"http://{host}:{port}/token",
    }
    (folder / "account.json").write_text(json.dumps(account))
    before = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    os.environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(folder / "account.json")
    try:
        yield {gsm.URL_NAME: f"http://{host}:{port}"}
    finally:
        os.environ.pop("GOOGLE_APPLICATION_CREDENTIALS")
        if before is not None:
            os.environ["GOOGLE_APPLICATION_CREDENTIALS"] = before
        await runner.cleanup()


def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def payload(value: bytes) -> web.Response:
    return web.json_response({"payload": {"data": base64.b64encode(value).decode()}})


async def test_a_secret_of_google_is_read_with_this_machines_credentials(tmp_path: Path) -> None:
    asked: list[str] = []
    async with google(tmp_path, payload(b"s3cret-value\n"), asked) as env:
        got = await asyncio.to_thread(gsm.access, "my-project", "the-key", "latest", env=env)
    assert got.value == b"s3cret-value\n"
    path = "/v1/projects/my-project/secrets/the-key/versions/latest:access"
    assert asked == [f"Bearer a-google-token {path}"]


@pytest.mark.parametrize(
    ("status", "problem", "unreadable"),
    [
        (404, "has no version 3 of the-key of project my-project", False),
        (400, "is disabled or destroyed", False),
        (403, "roles/secretmanager.secretAccessor", True),
        (503, "answered HTTP 503", True),
    ],
)
async def test_why_google_gives_no_secret_is_told(
    tmp_path: Path, status: int, problem: str, unreadable: bool
) -> None:
    async with google(tmp_path, web.Response(status=status), []) as env:
        got = await asyncio.to_thread(gsm.access, "my-project", "the-key", "3", env=env)
    assert got.value is None
    assert problem in got.problem
    assert got.unreadable is unreadable


async def test_an_answer_of_google_is_not_read_further_than_a_secret_can_be(
    tmp_path: Path,
) -> None:
    sent: list[int] = []

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(4_000):
            await answer.write(b" " * 65_536)
            sent.append(1)
        return answer

    async with google(tmp_path, endless, []) as env:
        got = await asyncio.to_thread(gsm.access, "p", "the-key", "latest", env=env)
    assert "is no secret" in got.problem
    assert len(sent) < 1_000


async def test_a_token_of_google_goes_to_nobody_in_the_clear() -> None:
    env = {gsm.URL_NAME: "http://secrets.example.test"}
    got = await asyncio.to_thread(gsm.access, "p", "the-key", "latest", env=env)
    assert "must begin with https://" in got.problem
    assert got.unreadable


async def test_an_answer_that_is_no_secret_is_told(tmp_path: Path) -> None:
    async with google(tmp_path, web.Response(text="<html>"), []) as env:
        got = await asyncio.to_thread(gsm.access, "p", "the-key", "latest", env=env)
    assert "is no secret" in got.problem


async def test_what_google_does_not_tell_just_now_stays_as_it_was(tmp_path: Path) -> None:
    more = "bypass_key: '${gsm:my-project/the-key}'"
    async with google(tmp_path, payload(b"s3cret-value"), []) as env:
        target = await asyncio.to_thread(staging, tmp_path, more, env)
    async with google(tmp_path, web.Response(status=503), []) as env:
        read = partial(refreshed, target, env=env, folder=tmp_path)
        fresh = await asyncio.to_thread(read)
    assert fresh.bypass_key is not None
    assert fresh.bypass_key.value == "s3cret-value"
    assert "as it was before: Secret Manager answered HTTP 503" in fresh.bypass_key.notes[0]
