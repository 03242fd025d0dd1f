"""Another workspace on the same small Slack, that may have the same app by OAuth."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.mini_slack import MiniSlack


@asynccontextmanager
async def neighbour(
    home: MiniSlack,
    team: str,
    *,
    enterprise: str = "",
    channels: Iterable[str] = ("staging",),
    users: Iterable[str] = ("ada", "grace"),
) -> AsyncIterator[MiniSlack]:
    """Yield a workspace with people and channels of its own; `home` has been started.

    It knows the app by OAuth only: `home.api.accounts` grants the tokens of both.
    """
    other = MiniSlack(
        signing_secret=home.signing_secret,
        channels=(),
        users=(),
        clock=home.workspace.clock,
    )
    settle(other, team, enterprise=enterprise)
    for user in users:
        other.workspace.add_user(user)
    for channel in channels:
        other.workspace.add_channel(channel)
    other.workspace.base_url = home.workspace.base_url
    other.courier.sockets = home.courier.sockets
    other.request_url = home.request_url
    other.api.accounts = accounts = home.api.accounts
    accounts.workspaces |= {
        home.workspace.team_id: home.workspace,
        team: other.workspace,
    }
    home.api.others[team] = other.api
    try:
        yield other
    finally:
        await other.courier.stop()


def settle(slack: MiniSlack, team: str, *, enterprise: str = "") -> None:
    """Give a workspace another id, before it has people and channels."""
    workspace = slack.workspace
    workspace.team_id, workspace.enterprise_id = team, enterprise
    workspace.name = f"Workspace {team}"
    workspace.bot = replace(workspace.bot, id=f"U0{team}")
    workspace.bot_id = f"B0{team}"


async def uninstall(slack: MiniSlack) -> tuple[Delivery, Delivery]:
    """Take the app out of a workspace; Slack tells the app in two events, in no sure order."""
    slack.api.accounts.uninstall(slack.workspace.team_id)
    tokens = {"oauth": [], "bot": [slack.workspace.bot.id]}
    return (
        await slack.event({"type": "app_uninstalled"}),
        await slack.event({"type": "tokens_revoked", "tokens": tokens}),
    )
