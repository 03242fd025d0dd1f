"""`stagecheck serve` for several workspaces, as a process of its own, and after a restart."""

from pathlib import Path

import yaml
from crashing import Bot, bot_of
from neighbours import neighbour

from bot.sandbox import MiniSlack, Staging
from bot.sandbox.slack.workspace import HOME
from bot.slack.install import COOKIE
from tests.fetching import got

OTHER = "T0SECOND"


def let_several_in(bot: Bot, slack: MiniSlack) -> None:
    """Have the bot's configuration name two workspaces instead of the token of one."""
    document = yaml.safe_load(bot.config.read_text())
    secret = bot.config.with_name("client_secret")
    secret.write_text(slack.api.accounts.client_secret)
    del document["slack"]["bot_token"]
    document["slack"]["oauth"] = {
        "client_id": slack.api.accounts.client_id,
        "client_secret": f"${{file:{secret}}}",
        "redirect_url": "http://127.0.0.1:1/slack/oauth_redirect",
        "workspaces": [HOME, OTHER],
    }
    bot.config.write_text(yaml.safe_dump(document))


async def install(bot: Bot, slack: MiniSlack, team: str) -> int:
    _, _, _, answer = await got(f"{bot.address}/slack/install")
    state = answer.cookies[COOKIE].value
    code = slack.api.accounts.allow(
        "chat:write,commands", redirect_uri="http://127.0.0.1:1/slack/oauth_redirect", team=team
    )
    address = f"{bot.address}/slack/oauth_redirect"
    return (await got(address, cookie=state, state=state, code=code))[0]


async def test_two_workspaces_are_served_and_still_are_after_a_restart(tmp_path: Path) -> None:
    async with Staging() as staging, MiniSlack() as slack:
        slack.api.accounts.rotation = True
        async with (
            neighbour(slack, OTHER) as other,
            bot_of(tmp_path, staging, slack) as bot,
        ):
            let_several_in(bot, slack)
            await bot.start()
            other.request_url = slack.request_url
            assert [await install(bot, slack, team) for team in (HOME, OTHER)] == [200, 200]
            assert (await other.command("/stagecheck staging")).ok
            await other.until(
                lambda: any("Passed" in one.text for one in other.messages()), timeout_s=60
            )
            assert await bot.stop() == 0
            assert slack.messages() == []
            slack.api.accounts.expire()
            await bot.start()
            assert (await slack.command("/stagecheck staging")).ok
            await slack.until(
                lambda: any("Passed" in one.text for one in slack.messages()), timeout_s=60
            )
            assert await bot.stop() == 0
            for grant in slack.api.accounts.grants:
                assert grant.access not in bot.log
