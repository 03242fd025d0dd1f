"""The Web API as a table: each method with the scope it needs and the function that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.sandbox.slack import chat, reads
from bot.sandbox.slack.accounts import Accounts
from bot.sandbox.slack.args import Args
from bot.sandbox.slack.files import Files
from bot.sandbox.slack.socket_mode import Sockets
from bot.sandbox.slack.steps import Steps
from bot.sandbox.slack.views import Views
from bot.sandbox.slack.workspace import Json, Refusal, Workspace

ALL_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "usergroups:read",
    "users:read",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the Web API, as it came and as it was answered."""

    at: float
    method: str
    args: Mapping[str, Json]
    answer: Mapping[str, Json]
    status: int = 200
    trouble: str = ""
    """The planned trouble it met, if any."""

    @property
    def ok(self) -> bool:
        return bool(self.answer.get("ok"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of the Web API: what it does, and which scope and kind of token it wants."""

    do: Callable[[Workspace, Args], Json]
    scope: str = ""
    token: str = "bot"


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "auth.test": Method(do=reads.auth_test),
        "chat.delete": Method(do=chat.delete, scope="chat:write"),
        "chat.getPermalink": Method(do=chat.permalink),
        "chat.postEphemeral": Method(do=chat.post_ephemeral, scope="chat:write"),
        "chat.postMessage": Method(do=chat.post_message, scope="chat:write"),
        "chat.update": Method(do=chat.update, scope="chat:write"),
        "conversations.history": Method(do=reads.history, scope="channels:history"),
        "conversations.info": Method(do=reads.conversations_info, scope="channels:read"),
        "conversations.members": Method(do=reads.conversations_members, scope="channels:read"),
        "conversations.replies": Method(do=reads.replies, scope="channels:history"),
        "pins.add": Method(do=reads.add_pin, scope="pins:write"),
        "reactions.add": Method(do=reads.add_reaction, scope="reactions:write"),
        "usergroups.users.list": Method(do=reads.usergroup_users, scope="usergroups:read"),
        "users.info": Method(do=reads.users_info, scope="users:read"),
    }
)
"""The methods that need nothing but the workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What proves who calls: `bot` for almost everything, `app` to open a connection."""

    bot: str
    app: str


@dataclass(slots=True)
class WebApi:
    """Answers calls: token, scope and arguments checked in Slack's order."""

    workspace: Workspace
    views: Views
    files: Files
    sockets: Sockets
    tokens: Tokens
    scopes: frozenset[str]
    methods: dict[str, Method] = field(default_factory=dict)
    accounts: Accounts = field(init=False)
    steps: Steps = field(init=False)
    others: dict[str, "WebApi"] = field(default_factory=dict)
    """Of other workspaces on the same server, by their ids."""

    def __post_init__(self) -> None:
        views, files = self.views, self.files
        self.accounts, self.steps = Accounts(self.workspace), Steps(self.workspace)
        self.methods = {
            **METHODS,
            "api.test": Method(do=lambda _, __: {}, token=""),
            "auth.revoke": Method(do=lambda _, __: {}),
            "apps.connections.open": Method(
                do=lambda _, __: {"url": self.sockets.open_url()}, token="app"
            ),
            "files.completeUploadExternal": Method(
                do=lambda _, args: files.complete(args), scope="files:write"
            ),
            "files.info": Method(do=lambda _, args: files.info(args), scope="files:read"),
            "functions.completeError": Method(do=lambda _, args: self.steps.fail(args)),
            "functions.completeSuccess": Method(do=lambda _, args: self.steps.succeed(args)),
            "files.getUploadURLExternal": Method(
                do=lambda _, args: files.upload_url(args), scope="files:write"
            ),
            "views.open": Method(do=lambda _, args: views.open(args)),
            "views.publish": Method(do=lambda _, args: views.publish(args)),
            "views.push": Method(do=lambda _, args: views.push(args)),
            "views.update": Method(do=lambda _, args: views.update(args)),
        }

    def of(self, token: str, place: str) -> "WebApi":
        """Return the one whose workspace a call is about."""
        return self.others.get(self.accounts.team_of(token, place), self)

    def answer(self, name: str, token: str, args: Args) -> dict[str, Json]:
        """The body of the answer; a refusal is an answer too."""
        try:
            method = self._allowed(name, token)
            if name == "auth.revoke":
                return {"ok": True, **self.accounts.revoke(token)}
            if name.startswith("views."):
                self._check_fields(args, token)
            return {"ok": True, **method.do(self.workspace, args)}
        except Refusal as refusal:
            return {"ok": False, "error": refusal.code, **refusal.extra}

    def _allowed(self, name: str, token: str) -> Method:
        method = self.methods.get(name)
        if method is None:
            raise Refusal("unknown_method", req_method=name)
        if not method.token:
            return method
        if not token:
            raise Refusal("not_authed")
        if token not in (self.tokens.bot, self.tokens.app):
            scopes = self.accounts.find(token).scopes
        elif token != (self.tokens.bot if method.token == "bot" else self.tokens.app):
            raise Refusal("not_allowed_token_type")
        else:
            scopes = self.scopes
        self._check_scope(method.scope, scopes)
        return method

    def may_read(self, token: str) -> bool:
        """Whether this token reads files at their private addresses."""
        if token == self.tokens.bot:
            return "files:read" in self.scopes
        try:
            return "files:read" in self.accounts.find(token).scopes
        except Refusal:
            return False

    def _check_fields(self, args: Args, token: str) -> None:
        """docs.slack.dev: a form may have a field for files only with the scope to read them."""
        known = token in (self.tokens.bot, self.tokens.app)
        scopes = self.scopes if known else self.accounts.find(token).scopes
        view = args.json("view")
        blocks = view.get("blocks") if isinstance(view, dict) else None
        for block in blocks if isinstance(blocks, list) else ():
            element = block.get("element") if isinstance(block, dict) else None
            if isinstance(element, dict) and element.get("type") == "file_input":
                self._check_scope("files:read", scopes)

    def _check_scope(self, scope: str, scopes: frozenset[str]) -> None:
        if scope and scope not in scopes:
            provided = ",".join(sorted(scopes))
            raise Refusal("missing_scope", needed=scope, provided=provided)
