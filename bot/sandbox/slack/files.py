"""Files: what the app uploads and shares, what people attach, and who may read the bytes."""

import mimetypes
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from bot.errors import NotFound
from bot.sandbox.slack.args import Args
from bot.sandbox.slack.chat import writable_channel
from bot.sandbox.slack.workspace import Json, Message, Refusal, User, Workspace, versions

PRIVATE = "/files-pri"
# What Slack calls the content of endings that the standard library does not know.
_TEXTS = frozenset({".log", ".txt", ".out", ".err"})
UNKNOWN = "application/octet-stream"
HOSTED, SNIPPET = "hosted", "snippet"
EXTERNAL = "external"
"""Kept outside Slack, which has only an address of it."""
FOREIGN = "foreign"
"""Of another workspace: Slack tells the id, and the rest when it is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that somebody attached, or that a bot is uploading."""

    id: str
    name: str
    path: str
    """Where its bytes are posted to; empty for what a person attached."""
    size_bytes: int
    user: str
    created: int
    mimetype: str
    title: str = ""
    content: bytes | None = None
    shared: bool = False
    channels: frozenset[str] = frozenset()
    """Where it was shared."""
    given: bool = False
    """Somebody handed it to the app in a form."""
    mode: str = HOSTED


@dataclass(slots=True)
class Files:
    """Every file of the workspace, by id."""

    workspace: Workspace
    files: dict[str, File] = field(default_factory=dict)

    def upload_url(self, args: Args) -> Json:
        """files.getUploadURLExternal."""
        name, size = args.needed("filename"), args.number("length", 0)
        if size <= 0:
            raise Refusal("invalid_arguments")
        file = self._new(name, size, self.workspace.bot)
        file = replace(file, path=f"/upload/v1/{secrets.token_urlsafe(16)}")
        self.files[file.id] = file
        return {"upload_url": f"{self.workspace.base_url}{file.path}", "file_id": file.id}

    def take(self, path: str, content: bytes) -> bool:
        """Keep the bytes that were posted to `path`; False when there is no such address."""
        for file in self.files.values():
            if file.path == path and file.content is None:
                self.files[file.id] = replace(file, content=content)
                return True
        return False

    def complete(self, args: Args) -> Json:
        """files.completeUploadExternal: the upload becomes a message where a channel is named."""
        wanted = args.json("files")
        if not wanted or not isinstance(wanted, list):
            raise Refusal("invalid_arguments")
        finished = [self._finished(one) for one in wanted]
        channel_id = args.text("channel_id")
        if channel_id:
            channel = writable_channel(self.workspace, Args({"channel": channel_id}))
            self.workspace.add(
                Message(
                    ts=self.workspace.next_ts(),
                    channel=channel.id,
                    author=self.workspace.bot.id,
                    versions=versions(self.workspace.clock(), args.text("initial_comment")),
                    thread_ts=args.text("thread_ts"),
                    by_app=True,
                    files=tuple(self.json(file) for file in finished),
                )
            )
        for file in finished:
            self.files[file.id] = replace(file, shared=bool(channel_id))
        return {"files": [self.json(file) for file in finished]}

    def info(self, args: Args) -> Json:
        """files.info: for the app, what it cannot read is not there."""
        file = self.files.get(args.needed("file"))
        if file is None or not self._is_readable(file):
            raise Refusal("file_not_found")
        return {"file": self.json(replace(file, mode=HOSTED)), "comments": []}

    def attach(self, name: str, content: bytes, user: User, *, mimetype: str, mode: str) -> File:
        """Let a person upload a file that nobody else sees yet."""
        file = self._new(name, len(content), user)
        file = replace(file, mimetype=mimetype or file.mimetype, content=content, mode=mode)
        self.files[file.id] = file
        return file

    def share(self, ids: Iterable[str], channel: str) -> tuple[Json, ...]:
        """Share files in a channel; returns them as the message shows them."""
        shared = []
        for wanted in ids:
            file = self.known(wanted)
            file = replace(file, shared=True, channels=file.channels | {channel})
            self.files[file.id] = file
            shared.append(self.json(file))
        return tuple(shared)

    def give(self, id: str) -> Json:
        """Hand a file to the app in a form; returns it as the submission shows it."""
        self.files[id] = replace(self.known(id), given=True)
        return self.json(self.files[id])

    def known(self, id: str) -> File:
        """The file with this id; NotFound if there is none."""
        if id not in self.files:
            raise NotFound(f"There is no file {id}.")
        return self.files[id]

    def bytes_at(self, path: str) -> bytes | None:
        """The content of the file at a private address, if the app may read it."""
        for file in self.files.values():
            if path.startswith(f"{self._private(file)}/") and self._is_readable(file):
                return file.content
        return None

    def json(self, file: File) -> Json:
        """A file as Slack's payloads and answers show it."""
        if file.mode == FOREIGN:
            return {"id": file.id, "created": file.created, "file_access": "check_file_info"}
        shown: dict[str, Json] = {
            "id": file.id,
            "created": file.created,
            "timestamp": file.created,
            "name": file.name,
            "title": file.title or file.name,
            "mimetype": file.mimetype,
            "filetype": _filetype(file),
            "pretty_type": _filetype(file).title(),
            "user": file.user,
            "user_team": self.workspace.team_id,
            "editable": file.mode == SNIPPET,
            "size": file.size_bytes,
            "mode": file.mode,
            "is_external": file.mode == EXTERNAL,
            "external_type": "gdrive" if file.mode == EXTERNAL else "",
            "is_public": bool(file.channels),
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "permalink": f"https://minislack.slack.com/files/{file.user}/{file.id}/{file.name}",
            "file_access": "visible",
        }
        private = f"{self.workspace.base_url}{self._private(file)}"
        if file.mode == EXTERNAL:
            return shown | {"url_private": "https://drive.example.test/a-document"}
        return shown | {
            "url_private": f"{private}/{file.name}",
            "url_private_download": f"{private}/download/{file.name}",
        }

    def _private(self, file: File) -> str:
        return f"{PRIVATE}/{self.workspace.team_id}-{file.id}"

    def _is_readable(self, file: File) -> bool:
        bot = self.workspace.bot.id
        rooms = (self.workspace.channels[channel] for channel in file.channels)
        return file.user == bot or file.given or any(bot in room.members for room in rooms)

    def _new(self, name: str, size_bytes: int, user: User) -> File:
        ending = PurePath(name).suffix.lower()
        known = "text/plain" if ending in _TEXTS else mimetypes.guess_type(name)[0]
        return File(
            id=f"F{secrets.token_hex(5).upper()}",
            name=name,
            path="",
            size_bytes=size_bytes,
            user=user.id,
            created=int(self.workspace.clock()),
            mimetype=known or UNKNOWN,
        )

    def _finished(self, wanted: Json) -> File:
        file = self.files.get(str(wanted.get("id"))) if isinstance(wanted, dict) else None
        if file is None or file.content is None:
            raise Refusal("file_not_found")
        if len(file.content) != file.size_bytes:
            raise Refusal("file_upload_size_mismatch")
        return replace(file, title=wanted.get("title") or file.name)


def _filetype(file: File) -> str:
    if file.mimetype == UNKNOWN:
        return "binary"
    return "text" if file.mimetype == "text/plain" else PurePath(file.name).suffix.lstrip(".")
