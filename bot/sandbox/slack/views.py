"""The views methods: modals, at most three on top of each other, and Home tabs."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace

from bot.sandbox import blockkit
from bot.sandbox.blockkit.rules import wrong
from bot.sandbox.slack.args import Args, missing
from bot.sandbox.slack.chat import with_block_ids
from bot.sandbox.slack.workspace import Json, Refusal, Workspace

STACK_MOST = 3  # docs.slack.dev: up to three views in a modal's stack


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One modal or Home tab as `user` sees it."""

    id: str
    user: str
    body: Json
    root_id: str
    external_id: str = ""
    previous_id: str = ""

    @property
    def hash(self) -> str:
        """Changes with the content, so that a late update can be refused."""
        return hashlib.sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(slots=True)
class Views:
    """The views that are open: a stack of modals and one Home tab per user id."""

    workspace: Workspace
    modals: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)

    def open(self, args: Args) -> Json:
        """views.open."""
        body = _checked(args, "modal")
        user = self.workspace.use_trigger(args.needed("trigger_id")).user
        view = self._new(user, body)
        self.modals[user] = [view]
        return self._answer(view)

    def push(self, args: Args) -> Json:
        """views.push."""
        body = _checked(args, "modal")
        user = self.workspace.use_trigger(args.needed("trigger_id")).user
        return self._answer(self.push_on(user, body))

    def update(self, args: Args) -> Json:
        """views.update, by `view_id` or `external_id`; `hash` guards against a lost race."""
        body = _checked(args, "modal", "home")
        if not args.text("view_id") and not args.text("external_id"):
            raise missing("view_id")
        view = self.find(args.text("view_id"), external_id=args.text("external_id"))
        if args.text("hash") and args.text("hash") != view.hash:
            raise Refusal("hash_conflict")
        return self._answer(self.replace(view, body))

    def publish(self, args: Args) -> Json:
        """views.publish: the Home tab of one user."""
        body = _checked(args, "home")
        user = args.needed("user_id")
        if user not in self.workspace.users:
            raise Refusal("user_not_found")
        before = self.homes.get(user)
        if before and args.text("hash") and args.text("hash") != before.hash:
            raise Refusal("hash_conflict")
        view = replace(before, body=_stored(body)) if before else self._new(user, body)
        self.homes[user] = view
        return self._answer(view)

    def push_on(self, user: str, body: Json) -> View:
        """Put a view on top of a user's open modal."""
        stack = self.modals.get(user)
        if not stack:
            raise Refusal("not_found")
        if len(stack) >= STACK_MOST:
            raise Refusal("push_limit_reached")
        view = self._new(user, body, below=stack[-1])
        stack.append(view)
        return view

    def replace(self, view: View, body: Json) -> View:
        changed = replace(view, body=_stored(body), external_id=body.get("external_id", ""))
        for views in self.modals.values():
            views[:] = [changed if shown.id == view.id else shown for shown in views]
        for user, home in self.homes.items():
            if home.id == view.id:
                self.homes[user] = changed
        return changed

    def find(self, id: str, *, external_id: str = "") -> View:
        for view in [*self.homes.values(), *(v for stack in self.modals.values() for v in stack)]:
            if view.id == id or (external_id and view.external_id == external_id):
                return view
        raise Refusal("not_found")

    def _new(self, user: str, body: Json, below: View | None = None) -> View:
        new_id = f"V{secrets.token_hex(5).upper()}"
        return View(
            id=new_id,
            user=user,
            body=_stored(body),
            root_id=below.root_id if below else new_id,
            previous_id=below.id if below else "",
            external_id=body.get("external_id", ""),
        )

    def _answer(self, view: View) -> Json:
        self.workspace.touch()
        return {"view": view_json(self.workspace, view)}


def view_json(workspace: Workspace, view: View, values: Json = None) -> Json:
    """A view as Slack's answers and payloads show it, with what was entered in `values`."""
    return {
        "id": view.id,
        "team_id": workspace.team_id,
        "app_id": workspace.app_id,
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.bot_id,
        "title": None,
        "close": None,
        "submit": None,
        "callback_id": "",
        "private_metadata": "",
        "clear_on_close": False,
        "notify_on_close": False,
        **view.body,
        "state": {"values": values or {}},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id or None,
        "external_id": view.external_id,
    }


def check_view(body: Json, *types: str) -> Json:
    """Refuse a view that Slack would not show, saying every reason and its place."""
    if isinstance(body, dict) and body.get("type") in types:
        found = blockkit.problems(body)
    else:
        found = [wrong(f"must be a view of type {' or '.join(types)}", "/view/type")]
    if found:
        messages = [f"[ERROR] {problem}" for problem in found]
        raise Refusal("invalid_arguments", response_metadata={"messages": messages})
    return body


def _checked(args: Args, *types: str) -> Json:
    body = args.json("view")
    if body is None:
        raise missing("view")
    return check_view(body, *types)


def _stored(body: Json) -> Json:
    return {**body, "blocks": list(with_block_ids(body["blocks"]))}
