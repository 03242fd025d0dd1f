"""Several workspaces install the app; each hears of its own, by tokens that are renewed once."""

import asyncio
import base64
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from neighbours import neighbour, uninstall
from samples import SAMPLES
from slack_house import FAST, House, client_of, house, oauth_of, said
from structlog.testing import capture_logs

from bot.masking import Masker
from bot.report import Message
from bot.sandbox import MiniSlack
from bot.sandbox.slack.workspace import HOME
from bot.slack.install import COOKIE, Installer
from bot.slack.known import Known
from bot.slack.scopes import ASKED
from bot.slack.sealing import Sealer, Tokens
from bot.web import WebServer, build_web
from tests.fetching import got

OTHER, ORG = "T0SECOND", "E0ORG"
# What is promised here is promised on a busy machine too.
CALM = replace(FAST, request_s=10.0, patience_s=30.0)
LINE = Message(text="hello", blocks=())


@asynccontextmanager
async def homes(
    *, rotation: bool = False, allowed: tuple[str, ...] = (HOME, OTHER), enterprise: str = ""
) -> AsyncIterator[tuple[House, MiniSlack]]:
    """Yield the bot, not installed anywhere, and another workspace on the same Slack."""
    async with MiniSlack() as slack:
        slack.api.accounts.rotation = rotation
        async with (
            house(slack=slack, allowed=allowed, pace=CALM) as home,
            neighbour(slack, OTHER, enterprise=enterprise) as other,
        ):
            yield home, other


async def begun(home: House) -> tuple[str, dict[str, str]]:
    """Look at /slack/install, and return the state with what Slack is asked."""
    status, _, location, answer = await got(f"{home.url}/slack/install")
    assert status == 302
    query = {key: value[0] for key, value in parse_qs(urlsplit(location).query).items()}
    assert answer.cookies[COOKIE].value == query["state"]
    return query["state"], query


async def install(home: House, team: str, *, whole: bool = False) -> tuple[int, str]:
    """Install the app as a browser does."""
    state, query = await begun(home)
    code = home.slack.api.accounts.allow(
        query["scope"], redirect_uri=query["redirect_uri"], team=team, whole=whole
    )
    status, text, *_ = await got(
        f"{home.url}/slack/oauth_redirect", cookie=state, state=state, code=code
    )
    return status, text


@asynccontextmanager
async def homes_page(home: House) -> AsyncIterator[tuple[House, list[float]]]:
    """Yield `home` where its pages go by another clock, and the time on that."""
    now, oauth = [time.time()], oauth_of(home.slack, (HOME,))
    workspaces, store = home.connected.workspaces, home.deps.store
    assert workspaces is not None
    async with client_of(home.slack) as client:
        installer = Installer(
            oauth, client, workspaces, store=store, scopes=ASKED, clock=lambda: now[0]
        )
        pages = replace(home.connected, installer=installer).pages
        app = build_web(checks={}, metrics=home.deps.metrics, pages=pages)
        server = WebServer(app, host="127.0.0.1", port=0)
        try:
            yield replace(home, url=await server.start()), now
        finally:
            await server.stop()


def refreshes(home: House) -> int:
    return sum(
        call.method == "oauth.v2.access" and call.args.get("grant_type") == "refresh_token"
        for call in home.slack.calls
    )


@contextmanager
def nothing_updated(home: House) -> Iterator[None]:
    """Let the database refuse to change an installation, and still be read."""
    path = Path(home.deps.settings.database.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE TRIGGER trouble BEFORE UPDATE ON installations BEGIN SELECT json('{'); END"
        )
        yield
        database.execute("DROP TRIGGER trouble")


async def test_each_workspace_is_answered_with_its_own_token() -> None:
    async with homes() as (home, other):
        assert (await install(home, HOME))[0] == 200
        assert (await install(home, OTHER))[0] == 200
        for slack in (home.slack, other):
            assert (await slack.command("/stagecheck staging")).ok
            await home.idle()
            parent, *thread = slack.messages()
            assert "Passed" in parent.text
            assert thread


async def test_the_same_id_in_two_workspaces_is_two_people() -> None:
    """Each has a Home tab of their own, and both are kept fresh."""
    async with homes() as (home, other):
        await install(home, HOME)
        await install(home, OTHER)
        users, ada = other.workspace.users, home.slack.workspace.user("ada")
        del users[other.workspace.user("ada").id]
        users[ada.id] = ada
        for slack in (home.slack, other):
            assert (await slack.open_home()).ok
            await home.idle()
        await home.deps.store.save_run(*SAMPLES["seed"])
        await home.home.refresh()
        for slack in (home.slack, other):
            view = slack.home("ada")
            assert view is not None
            assert "Code error in the socket's path" in said(view.body["blocks"])


async def test_where_a_channel_is_outlives_the_delivery_and_the_process() -> None:
    """A run that goes on after a restart is told where it was asked for."""
    async with homes() as (home, other):
        await install(home, HOME)
        await install(home, OTHER)
        assert (await other.command("/stagecheck help")).ok
        await home.idle()
        assert home.connected.workspaces is not None
        store = home.deps.store
        oauth = oauth_of(home.slack, (HOME, OTHER))
        later = Known(oauth, store, home.deps.masker)
        channel = other.workspace.channel("staging").id
        assert await later.whereabouts(channel) == OTHER
        sent = await asyncio.create_task(home.outbox.post(channel, LINE))
        assert [message.text for message in other.messages()] == ["hello"]
        # A message to a person opens a channel that nobody has spoken in yet.
        user = other.workspace.user("ada").id
        sent = await home.outbox.post(user, LINE)
        await home.outbox.update(sent.channel, sent.ts, Message(text="changed", blocks=()))
        assert other.messages(sent.channel)[-1].text == "changed"


async def test_the_scopes_asked_for_are_those_of_the_manifest() -> None:
    async with homes() as (home, _):
        _, query = await begun(home)
        assert query["client_id"] == home.slack.api.accounts.client_id
        assert {"commands", "chat:write", "app_mentions:read"} <= set(query["scope"].split(","))


@pytest.mark.parametrize("kind", ["no cookie", "another's cookie", "changed", "twice", "no code"])
async def test_a_state_that_did_not_begin_in_this_browser_installs_nothing(kind: str) -> None:
    async with homes() as (home, _):
        state, query = await begun(home)
        code = home.slack.api.accounts.allow(query["scope"], redirect_uri=query["redirect_uri"])
        cookie, sent = state, {"state": state, "code": code}
        if kind == "no cookie":
            cookie = ""
        elif kind == "another's cookie":
            cookie, _ = await begun(home)
        elif kind == "changed":
            until, rest = state.split(".", 1)
            cookie = sent["state"] = f"{int(until) + 1}.{rest}"
        elif kind == "no code":
            del sent["code"]
        url = f"{home.url}/slack/oauth_redirect"
        if kind == "twice":
            assert (await got(url, cookie=cookie, **sent))[0] == 200
            assert await home.deps.store.installations.remove(HOME, generation=2**62)
            sent["code"] = home.slack.api.accounts.allow(
                query["scope"], redirect_uri=query["redirect_uri"]
            )
        assert (await got(url, cookie=cookie, **sent))[0] == 400
        assert await home.deps.store.installations.all() == ()


@pytest.mark.parametrize(("passes_s", "status"), [(601, 400), (599, 200)])
async def test_a_state_is_good_for_ten_minutes(passes_s: int, status: int) -> None:
    async with homes() as (home, _), homes_page(home) as (later, now):
        state, query = await begun(later)
        now[0] += passes_s
        code = home.slack.api.accounts.allow(query["scope"], redirect_uri=query["redirect_uri"])
        url = f"{later.url}/slack/oauth_redirect"
        assert (await got(url, cookie=state, state=state, code=code))[0] == status


async def test_a_workspace_that_is_not_named_gets_no_further() -> None:
    async with homes(allowed=(HOME,)) as (home, other):
        await install(home, HOME)
        status, text = await install(home, OTHER)
        assert status == 403
        assert OTHER in text
        assert [each.key for each in await home.deps.store.installations.all()] == [HOME]
        # The token that Slack had given out for it is dead.
        assert home.slack.api.accounts.grants[-1].revoked
        assert (await other.command("/stagecheck staging")).ok
        await home.idle()
        assert other.messages() == []


async def test_a_workspace_that_is_no_longer_named_is_not_served() -> None:
    async with homes() as (home, _):
        await install(home, HOME)
        await install(home, OTHER)
        fewer = Known(oauth_of(home.slack, (HOME,)), home.deps.store, home.deps.masker)
        assert await fewer.look(OTHER) is None
        assert await fewer.look(HOME) is not None


async def test_what_is_refused_on_slacks_page_installs_nothing() -> None:
    async with homes() as (home, _):
        status, text, *_ = await got(f"{home.url}/slack/oauth_redirect", error="<b>denied")
        assert status == 200
        assert "<b>" not in text


async def test_fifty_calls_that_wait_for_a_token_renew_it_once() -> None:
    async with homes(rotation=True) as (home, _):
        await install(home, HOME)
        home.slack.api.accounts.expire()
        answers = await asyncio.gather(*(home.outbox.ask("auth.test", {}) for _ in range(50)))
        assert {type(answer).__name__ for answer in answers} == {"Accepted"}
        assert refreshes(home) == 1


async def test_a_token_is_renewed_before_it_expires_by_whoever_needs_it_first() -> None:
    async with homes(rotation=True) as (home, _):
        home.slack.api.accounts.lasts_s = 3_600  # sooner than it is renewed ahead of time
        await install(home, HOME)
        home.slack.api.accounts.lasts_s = 43_200
        deliveries = await asyncio.gather(
            *(home.slack.command("/stagecheck help") for _ in range(20)),
            *(home.outbox.ask("auth.test", {}) for _ in range(30)),
        )
        assert all(not isinstance(each, BaseException) for each in deliveries)
        await home.idle()
        assert refreshes(home) == 1
        assert len(home.slack.ephemerals()) == 20


async def test_two_processes_renew_a_token_once_between_them() -> None:
    async with homes(rotation=True) as (home, _):
        await install(home, HOME)
        async with house(
            slack=home.slack, allowed=(HOME,), database=_address(home), pace=CALM
        ) as second:
            home.slack.api.accounts.expire()
            answers = await asyncio.gather(
                *(each.outbox.ask("auth.test", {}) for each in (home, second) for _ in range(25))
            )
            assert {type(answer).__name__ for answer in answers} == {"Accepted"}
            assert refreshes(home) == 1


async def test_who_remembers_a_token_that_another_process_renewed_does_not_renew_it_again() -> None:
    async with homes(rotation=True) as (home, _):
        accounts = home.slack.api.accounts
        accounts.lasts_s = 3_600
        await install(home, HOME)
        accounts.lasts_s = 43_200
        async with house(
            slack=home.slack, allowed=(HOME,), database=_address(home), pace=CALM
        ) as second:
            await second.ask("/stagecheck help")  # looks the token up, and needs none
            for each in (home, second):
                assert type(await each.outbox.ask("auth.test", {})).__name__ == "Accepted"
        assert refreshes(home) == 1


async def test_where_a_token_cannot_be_renewed_the_one_there_serves_on() -> None:
    async with homes(rotation=True) as (home, _):
        home.slack.api.accounts.lasts_s = 3_600
        await install(home, HOME)
        home.slack.fail("oauth.v2.access", times=100)
        await home.ask("/stagecheck help")
        assert len(home.slack.ephemerals()) == 1


async def test_a_token_that_was_renewed_while_the_store_was_away_is_kept_afterwards() -> None:
    """Slack takes a refresh token once: what it answered is all that we have."""
    async with homes(rotation=True) as (home, _):
        await install(home, HOME)
        home.slack.api.accounts.expire()
        with nothing_updated(home):
            assert type(await home.outbox.ask("auth.test", {})).__name__ == "Accepted"
        assert home.connected.workspaces is not None
        await home.connected.workspaces.close(deadline_s=5.0)
        async with house(
            slack=home.slack, allowed=(HOME,), database=_address(home), pace=CALM
        ) as later:
            assert type(await later.outbox.ask("auth.test", {})).__name__ == "Accepted"
        assert refreshes(home) == 1


async def test_a_token_is_kept_although_the_one_before_it_was_not() -> None:
    async with homes(rotation=True) as (home, _):
        await install(home, HOME)
        home.slack.api.accounts.expire()
        with nothing_updated(home):
            assert type(await home.outbox.ask("auth.test", {})).__name__ == "Accepted"
        home.slack.api.accounts.expire()
        assert type(await home.outbox.ask("auth.test", {})).__name__ == "Accepted"
        later = Known(oauth_of(home.slack, (HOME,)), home.deps.store, home.deps.masker)
        found = await later.look(HOME)
        assert found is not None
        assert found.tokens.access == home.slack.api.accounts.grants[-1].access


async def test_a_renewed_token_takes_the_place_of_any_older_one_and_of_no_newer() -> None:
    async with homes() as (home, _):
        await install(home, HOME)
        store = home.deps.store.installations
        [before] = await store.all()
        newer, newest = (replace(before, generation=before.generation + by) for by in (2, 5))
        assert await store.renew(newest)
        assert await store.renew(newer)
        assert [each.generation for each in await store.all()] == [newest.generation]
        assert not await store.renew(replace(newest, key=OTHER, generation=newest.generation + 1))


async def test_who_looks_for_a_token_that_is_not_kept_yet_keeps_it() -> None:
    async with homes() as (home, _):
        await install(home, HOME)
        store = home.deps.store.installations
        known = Known(oauth_of(home.slack, (HOME,)), home.deps.store, home.deps.masker)
        before = await known.look(HOME)
        assert before is not None
        generation = before.installed.generation + 1
        later = replace(before.installed, generation=generation)
        known.remember(later, before.tokens, is_kept=False)
        with nothing_updated(home):
            assert await known.look(HOME, anew=True)
        assert await known.look(HOME, anew=True)
        assert (await store.all())[0].generation == generation


async def test_a_renewal_is_not_given_up_with_who_waits_for_it() -> None:
    async with homes(rotation=True) as (home, _):
        await install(home, HOME)
        home.slack.api.accounts.expire()
        store, turn = home.deps.store, f"renew:{HOME}"
        assert await store.claim(turn, ttl_s=60.0, holder="another process")
        waits = asyncio.create_task(home.outbox.ask("auth.test", {}))
        while not any("renew" in task.get_name() for task in asyncio.all_tasks()):
            await asyncio.sleep(0.01)
        waits.cancel()
        await asyncio.wait([waits])
        await store.release(turn, holder="another process")
        assert home.connected.workspaces is not None
        await home.connected.workspaces.close(deadline_s=10.0)
        assert refreshes(home) == 1


async def test_a_token_that_cannot_be_renewed_any_more_is_said_with_how_to_install_again() -> None:
    async with homes(rotation=True) as (home, _):
        await install(home, HOME)
        home.slack.api.accounts.expire()
        home.slack.fail("oauth.v2.access", how="invalid_refresh_token")
        answer = await home.outbox.ask("auth.test", {})
        assert "install the app again at /slack/install" in str(getattr(answer, "error", ""))


async def test_an_installation_taken_away_is_forgotten_and_can_be_made_again() -> None:
    async with homes() as (home, other):
        await install(home, HOME)
        await install(home, OTHER)
        assert all(delivery.ok for delivery in await uninstall(other))
        assert [each.key for each in await home.deps.store.installations.all()] == [HOME]
        assert (await install(home, OTHER))[0] == 200
        # The news of the first time comes late.
        assert (await other.event({"type": "app_uninstalled"})).ok
        assert len(await home.deps.store.installations.all()) == 2
        assert (await other.command("/stagecheck help")).ok
        await home.idle()
        assert len(other.ephemerals()) == 1


async def test_a_refusal_that_is_not_about_the_token_removes_no_installation() -> None:
    async with homes() as (home, _):
        await install(home, HOME)
        home.slack.fail("auth.test", how="ekm_access_denied")
        assert (await home.slack.event({"type": "app_uninstalled"})).ok
        assert len(await home.deps.store.installations.all()) == 1


async def test_what_speaks_against_an_installation_does_not_touch_a_newer_one() -> None:
    """Slack said that a token is dead, and the app was installed again before we heard it."""
    async with homes() as (home, _):
        await install(home, HOME)
        known = Known(oauth_of(home.slack, (HOME,)), home.deps.store, home.deps.masker)
        old = await known.look(HOME)
        assert old is not None
        assert (await install(home, HOME))[0] == 200
        await known.forget(old, "token_revoked")
        assert len(await home.deps.store.installations.all()) == 1
        new = await known.look(HOME, anew=True)
        assert new is not None
        await known.forget(new, "token_revoked")
        assert await home.deps.store.installations.all() == ()


async def test_a_token_that_slack_calls_dead_is_forgotten_without_being_told() -> None:
    async with homes() as (home, _):
        await install(home, HOME)
        home.slack.api.accounts.uninstall(HOME)
        answer = await home.outbox.ask("auth.test", {})
        assert type(answer).__name__ == "Refused"
        assert await home.deps.store.installations.all() == ()


async def test_an_organisation_installs_once_for_all_its_workspaces() -> None:
    async with homes(allowed=(ORG,), enterprise=ORG) as (home, other):
        home.slack.workspace.enterprise_id = ORG
        for slack in (home.slack, other):
            slack.workspace.is_org_wide = True
        assert (await install(home, HOME, whole=True))[0] == 200
        [installed] = await home.deps.store.installations.all()
        assert (installed.key, installed.team) == (ORG, "")
        for slack in (home.slack, other):
            assert (await slack.command("/stagecheck staging")).ok
            await home.idle()
            assert "Passed" in slack.messages()[0].text


async def test_a_stolen_database_gives_no_token_away() -> None:
    async with homes(rotation=True) as (home, _):
        await install(home, HOME)
        [grant] = home.slack.api.accounts.grants
        path = Path(home.deps.settings.database.removeprefix("sqlite:///"))
        with sqlite3.connect(path) as database:
            dump = "\n".join(database.iterdump())
        found = dump.encode() + b"".join(each.read_bytes() for each in path.parent.glob("*.db*"))
        for token in (grant.access, grant.refresh):
            assert token
            assert token.encode() not in found
            assert token.encode().hex().upper().encode() not in found
        secret = home.slack.api.accounts.client_secret
        assert secret.encode() not in found


def test_what_was_sealed_opens_with_the_same_secret_in_the_same_place_only() -> None:
    tokens = Tokens(access="xoxb-1", refresh="xoxe-1")
    sealed = Sealer("secret").seal(tokens, key=HOME)
    assert Sealer("secret").open(sealed, key=HOME) == tokens
    assert Sealer("secret").open(sealed, key=OTHER) is None
    assert Sealer("another").open(sealed, key=HOME) is None
    assert Sealer("secret").open(sealed[:-1] + b"\0", key=HOME) is None
    assert Sealer("secret").open(b"", key=HOME) is None


async def test_the_masker_knows_the_tokens_that_came_by_oauth() -> None:
    async with homes(rotation=True) as (home, _):
        with capture_logs() as logs:
            await install(home, HOME)
            home.slack.api.accounts.expire()
            await home.outbox.ask("auth.test", {})
        for grant in home.slack.api.accounts.grants:
            # Its shape gives a token away; in disguise, only who knows it sees it.
            disguised = base64.b64encode(grant.access.encode()).decode()
            assert disguised not in home.deps.masker.mask(f"log: {disguised}")
            assert grant.access not in str(logs)


async def test_a_token_sealed_with_another_client_secret_is_none() -> None:
    async with homes() as (home, _):
        await install(home, HOME)
        home.slack.api.accounts.client_secret = "rotated"
        later = Known(oauth_of(home.slack, (HOME,)), home.deps.store, Masker(pepper=b"p"))
        assert await later.look(HOME) is None


async def test_without_any_installation_it_is_said_how_to_make_one() -> None:
    async with homes() as (home, _):
        answer = await home.outbox.ask("auth.test", {})
        assert "No workspace has installed the app" in str(getattr(answer, "error", ""))


def _address(home: House) -> str:
    return home.deps.settings.database
