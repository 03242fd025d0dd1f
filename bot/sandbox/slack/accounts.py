"""Who has the app and by which token: OAuth, tokens that expire, and the app being taken away."""

import base64
import binascii
import html
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from bot.sandbox.slack.args import Args
from bot.sandbox.slack.workspace import Json, Refusal, Workspace

LASTS_S = 43_200  # docs.slack.dev, token rotation: twelve hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The app in one workspace, or with `whole` in every one of an organisation."""

    team: str
    enterprise: str
    whole: bool
    scopes: frozenset[str]
    access: str
    refresh: str = ""
    expires_at: float = 0.0
    revoked: str = ""
    """Slack's word for why the token is dead; empty while it is not."""


@dataclass(slots=True)
class Accounts:
    """What Slack's side of OAuth remembers. `rotation` makes tokens expire."""

    workspace: Workspace
    client_id: str = "1111111111.2222222222"
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    rotation: bool = False
    lasts_s: float = LASTS_S
    grants: list[Grant] = field(default_factory=list)
    codes: dict[str, tuple[Grant, str]] = field(default_factory=dict)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    """All on this server, by their ids, if there are several."""

    def allow(
        self, scopes: str, *, redirect_uri: str = "", team: str = "", whole: bool = False
    ) -> str:
        """Let the app in, as a person does on Slack's page; return the code for it."""
        where = self._workspace(team or self.workspace.team_id)
        code = secrets.token_urlsafe(16)
        grant = Grant(
            team=where.team_id,
            enterprise=where.enterprise_id,
            whole=whole,
            scopes=frozenset(filter(None, scopes.split(","))),
            access="",
        )
        self.codes[code] = (grant, redirect_uri)
        return code

    def access(self, args: Args, authorization: str) -> dict[str, Json]:
        """oauth.v2.access: a token for a code, or for a refresh token, either good for once."""
        if self._proof(args, authorization) != (self.client_id, self.client_secret):
            raise Refusal("bad_client_secret")
        if args.text("grant_type") == "refresh_token":
            before = self._spent(args.needed("refresh_token"))
        else:
            code = args.needed("code")
            if code not in self.codes:
                raise Refusal("invalid_code")
            before, redirect_uri = self.codes.pop(code)
            if redirect_uri != args.text("redirect_uri"):
                raise Refusal("bad_redirect_uri")
        return self._answer(self._granted(before))

    def find(self, token: str) -> Grant:
        """Return what a token is good for; Refusal if it is good for nothing."""
        grant = next((each for each in self.grants if each.access == token), None)
        if grant is None:
            raise Refusal("invalid_auth")
        if grant.revoked:
            raise Refusal(grant.revoked)
        if grant.expires_at and self.workspace.clock() >= grant.expires_at:
            raise Refusal("token_expired")
        return grant

    def team_of(self, token: str, place: str) -> str:
        """Return the workspace a call is about: the token's, or in an organisation the place's."""
        grant = next((each for each in self.grants if each.access == token), None)
        if grant is None:
            return ""
        if grant.whole:
            for team, workspace in self.workspaces.items():
                if place in workspace.channels or place in workspace.users:
                    return team
        return grant.team

    def revoke(self, token: str) -> Json:
        """auth.revoke."""
        self._kill(lambda grant: grant.access == token, "token_revoked")
        return {"revoked": True}

    def uninstall(self, team: str) -> None:
        """Take the app out of a workspace: its tokens are dead before anybody hears of it."""
        self._kill(lambda grant: grant.team == team, "account_inactive")

    def expire(self) -> None:
        """Let every token that may expire be expired now."""
        now = self.workspace.clock()
        self.grants = [
            replace(grant, expires_at=now) if grant.expires_at else grant for grant in self.grants
        ]

    def page(self, query: Args) -> str:
        """Slack's page on which a person lets the app in, or does not."""
        uri, state = query.text("redirect_uri"), query.text("state")
        if query.text("client_id") != self.client_id:
            return "<!DOCTYPE html><title>Slack</title><p>Invalid client_id parameter</p>"
        code = self.allow(query.text("scope"), redirect_uri=uri, team=query.text("team"))
        yes, no = ({"code": code, "state": state}, {"error": "access_denied", "state": state})
        links = "".join(
            f'<p><a href="{html.escape(f"{uri}?{urlencode(choice)}")}">{name}</a></p>'
            for name, choice in (("Allow", yes), ("Cancel", no))
        )
        return f"<!DOCTYPE html><title>Slack</title><h1>stagecheck asks for access</h1>{links}"

    def _workspace(self, team: str) -> Workspace:
        return self.workspaces.get(team, self.workspace)

    def _spent(self, refresh: str) -> Grant:
        for place, grant in enumerate(self.grants):
            if grant.refresh == refresh and not grant.revoked:
                # The token itself is good until it expires.
                self.grants[place] = replace(grant, refresh="")
                return grant
        raise Refusal("invalid_refresh_token")

    def _granted(self, before: Grant) -> Grant:
        token = secrets.token_hex(16)
        grant = replace(before, access=f"xoxb-{token}")
        if self.rotation:
            grant = replace(
                before,
                access=f"xoxe.xoxb-1-{token}",
                refresh=f"xoxe-1-{secrets.token_hex(16)}",
                expires_at=self.workspace.clock() + self.lasts_s,
            )
        self.grants.append(grant)
        return grant

    def _answer(self, grant: Grant) -> dict[str, Json]:
        where = self._workspace(grant.team)
        lasting = {"refresh_token": grant.refresh, "expires_in": int(self.lasts_s)}
        enterprise = {"id": grant.enterprise, "name": "Mini Org"} if grant.enterprise else None
        return {
            "ok": True,
            "app_id": where.app_id,
            "authed_user": {"id": next(iter(where.users), "")},
            "scope": ",".join(sorted(grant.scopes)),
            "token_type": "bot",
            "access_token": grant.access,
            "bot_user_id": where.bot.id,
            "team": None if grant.whole else {"id": grant.team, "name": where.name},
            "enterprise": enterprise,
            "is_enterprise_install": grant.whole,
            **(lasting if grant.refresh else {}),
        }

    def _proof(self, args: Args, authorization: str) -> tuple[str, str]:
        scheme, _, packed = authorization.partition(" ")
        if scheme != "Basic":
            return args.text("client_id"), args.text("client_secret")
        try:
            name, _, secret = base64.b64decode(packed, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refusal("invalid_client_id") from None
        return name, secret

    def _kill(self, dies: Callable[[Grant], bool], why: str) -> None:
        self.grants = [
            replace(grant, revoked=why) if dies(grant) else grant for grant in self.grants
        ]
