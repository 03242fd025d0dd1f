"""Files: an address to upload to, the bytes, and the message that shares them."""

import secrets
from dataclasses import dataclass, field, replace

from bot.sandbox.slack.args import Args
from bot.sandbox.slack.chat import writable_channel
from bot.sandbox.slack.workspace import Json, Message, Refusal, Workspace, versions


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    id: str
    name: str
    path: str
    """Where its bytes are posted to."""
    size_bytes: int
    title: str = ""
    content: bytes | None = None
    shared: bool = False


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
        file = File(
            id=f"F{secrets.token_hex(5).upper()}",
            name=name,
            path=f"/upload/v1/{secrets.token_urlsafe(16)}",
            size_bytes=size,
        )
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
                    files=tuple(self._json(file) for file in finished),
                )
            )
        for file in finished:
            self.files[file.id] = replace(file, shared=bool(channel_id))
        return {"files": [self._json(file) for file in finished]}

    def _finished(self, wanted: Json) -> File:
        file = self.files.get(str(wanted.get("id"))) if isinstance(wanted, dict) else None
        if file is None or file.content is None:
            raise Refusal("file_not_found")
        if len(file.content) != file.size_bytes:
            raise Refusal("file_upload_size_mismatch")
        return replace(file, title=wanted.get("title") or file.name)

    def _json(self, file: File) -> Json:
        link = f"https://minislack.slack.com/files/{file.id}"
        return {
            "id": file.id,
            "name": file.name,
            "title": file.title,
            "size": file.size_bytes,
            "user": self.workspace.bot.id,
            "permalink": link,
        }
