"""The log: one line per event on stderr, with every secret masked, tracebacks included."""

import logging
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from bot.masking import Masker

# What is added to each line, and is no part of what somebody said.
_NOT_SAID = frozenset(("level", "logger", "timestamp"))
# So much of what a logger said last is remembered: a secret may come in pieces, line by line.
_END = 64
_MOST_LOGGERS = 200


def configure(masker: Masker, *, level: str = "info", format: str = "auto") -> None:
    """Send our log and every library's through `masker` to stderr.

    `format` is ``json``, ``console`` or ``auto``: for people on a terminal, else JSON lines.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Turned into text here, so that it is masked; a renderer of its own would show variables.
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _masking(masker),
                _renderer(format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "websockets", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def log_uncaught() -> None:
    """Have what nobody caught end in the log too, where it is masked, before the process ends."""
    log = structlog.get_logger(__name__)

    def of_process(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        log.critical("stagecheck broke", exc_info=(kind, error, trace))

    def of_thread(broken: threading.ExceptHookArgs) -> None:
        name = broken.thread.name if broken.thread else ""
        error = (broken.exc_type, broken.exc_value, broken.exc_traceback)
        log.error("a thread broke", name=name, exc_info=error)

    def of_nobody(broken: "sys.UnraisableHookArgs") -> None:
        error = (broken.exc_type, broken.exc_value, broken.exc_traceback)
        log.error("an error could not be raised", where=broken.object, exc_info=error)

    sys.excepthook = of_process
    threading.excepthook = of_thread
    sys.unraisablehook = of_nobody


class _Handler(logging.StreamHandler[TextIO]):
    """Logs that a line could not be logged, where logging itself shows all that was in it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        kind, error, trace = sys.exc_info()
        if kind is None or error is None or isinstance(error, OSError):  # nobody can be told
            return
        told = logging.LogRecord(
            record.name,
            logging.ERROR,
            record.pathname,
            record.lineno,
            f"a line could not be logged: {record.msg if isinstance(record.msg, str) else ''}",
            None,
            (kind, error, trace),
        )
        with suppress(OSError, ValueError):  # closed, in the second case
            self.stream.write(self.format(told) + self.terminator)
            self.flush()


def _masking(masker: Masker) -> Processor:
    ends: dict[str, str] = {}

    def mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        logger = str(event.get("logger", ""))
        said = {
            key: value
            for key, value in event.items()
            if isinstance(value, str) and key not in _NOT_SAID
        }
        before = ends.get(logger, "")
        whole = before + "".join(said.values())
        if len(ends) >= _MOST_LOGGERS:
            ends.clear()
        ends[logger] = whole[-_END:]
        if masker.may_hold(whole):
            event.update(zip(said, masker.mask_across([before, *said.values()])[1:], strict=True))
        masked: dict[str, Any] = masker.mask_json(event)
        return masked

    return mask


def _renderer(format: str) -> Processor:
    if format == "console" or (format == "auto" and sys.stderr.isatty()):
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer()
