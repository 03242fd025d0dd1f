"""Where an exception was raised, from what stands around it: in a test, or where in a server."""

import re
from collections.abc import Sequence
from enum import StrEnum

from bot.diagnosis.logs.records import Form, Record
from bot.diagnosis.program_errors import Mistake


class Place(StrEnum):
    """The part of the world that raised an exception."""

    STARTUP = "startup"
    SOCKET = "socket"
    AGENT = "agent"
    SERVER = "server"
    TEST = "test"
    UNKNOWN = "unknown"


# How far an entry's own words reach: a JSON entry is spread over lines, a text line is one entry.
_NEAR = {Form.JSON: 14, Form.TEXT: 2}
# A trace belongs to its exception however long it is.
_LONGEST_TRACE = 60

_EXTENSIONS = r"(?:py|[cm]?[jt]sx?|go|java|kt|rb|php|cs|rs|exs?|scala)"
_FRAME = re.compile(
    rf"File \\?\"([^\"\\]{{1,300}})|^\s*(?:# )?((?:[A-Z]:)?[\w./\\@-]{{1,200}}\.{_EXTENSIONS})"
    rf":\d+(?::| in |\s|$)"
    rf"|^- (/[\w./@-]{{1,200}}\.{_EXTENSIONS})$|\bLocation: (\S{{1,200}})"
    rf"|\(((?:[A-Z]:)?[\w./\\@-]{{1,200}}\.{_EXTENSIONS})(?::\d+){{0,2}}\)"
    rf"|^\s*(?:at|in) (?:[^(\n]{{0,80}} "
    rf")?((?:[A-Z]:)?[\w./\\@-]{{1,200}}\.{_EXTENSIONS}):(?:line )?\d+"
)
_MODULE_BODY = re.compile(r"File \\?\"([^\"\\]{1,300})\\?\", line \d+, in <module>")
_PYTHON_FILE = re.compile(r"File \\?\"([^\"\\]{1,300})\\?\", line \d+")
# How far above its message a trace names the file that raised it: the line of source is between.
_NEAR_FILE = 4
_TRACE_START = re.compile(r"Traceback \(most recent call last\)")
_TEST_PATH = re.compile(
    r"(?:^|[/\\])(?:tests?|e2e|specs?|__tests__|cypress|playwright)[/\\]|\.(?:spec|test"
    r"|cy)\.[jt]sx?$|(?:^|[/\\])(?:test_\w+|\w+_test|conftest)\."
)
_LIBRARY = re.compile(r"site-packages|dist-packages|[/\\]lib[/\\]python|node_modules|<frozen")
# Where images keep their program.
_IMAGE_PATH = re.compile(
    r"^/(?:app|src|srv|workspace|usr/src|usr/app|code|opt|layers|home/\w+/app|function"
    r"|var/(?:www|task)"
    r"|service|server|deploy\w*)/"
)
_TEST = re.compile(
    r"^E {2,}|^\s*(?:FAILED|ERROR)\s+\S*(?:test|::)|::test|\btest_\w+\b.{0,40}(?:FAILED|ERROR)"
    r"|ERROR (?:collecting|at setup of|at teardown of)|short test summary"
    r"|ImportError while importing|['\"]tests?\.|unittest|_FailedTest|\bTest[A-Z]\w+['\"]? object"
    r"|conftest|^\s*FAIL\s+\S+\.(?:spec|test|cy)\.[cm]?[jt]sx?|^\s*● .{1,200} › ",
    re.MULTILINE,
)
# A test runner shows the lines of the test around the one that failed.
_SHOWN_SOURCE = re.compile(r"^\s*>?\s*\d{1,5} \|")
_ENTRY = re.compile(
    r"[\"'](?:severity|jsonPayload|json_payload|textPayload|insertId|logger|resource"
    r"|revision_name|service_name|service|component|level|levelname|logName)[\"']\s*:",
)
_LOGGED = re.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ][\d:.,]+\S*\]?\s+)?\[?(?:CRITICAL|ERROR|FATAL"
    r"|WARN(?:ING)?)\]?[:\s-]+(?:\[[\w.]+\]|[\w]+(?:\.\w+)+)"
)
_STARTUP = re.compile(
    r"start-?_?up|lifespan|\bphase \d{1,2}\b|set(?:ting)?[ -]?up (?:the )?middleware"
    r"|\bboot(?:ing|ed|strap)?\b|failed to boot|middleware[ _]setup"
    r"|deterministic_|\bon_startup|exited with code|application factory|create_app"
    r"|\b(?:at|on|during|while) import(?:ing)?\b|main\.main\(\)|goroutine 1 \[|crash-?loop"
    r"|restarting|exception in worker process|\bworker exited"
)
# How those who run a program tell that it ended badly, and how far below its trace.
_EXITED = re.compile(r"\bexited with (?:code|status) [1-9]")
_NEAR_EXIT = 14
# How a platform that runs it tells the same, above its last words.
_POD_EXITED = re.compile(
    r"\b(?:pod|container)\b[^\n]{0,80}\b(?:terminated|crash-?loop\w*|exit code [1-9])",
    re.IGNORECASE,
)
_RUNS_TESTS = re.compile(r"\b(?:jest|mocha|vitest|cypress|playwright|pytest|npm (?:run )?test)\b")
_AGENT_RUN = re.compile(
    r"\bagent(?:_error|_failed|_death|[ _](?:execution|run|task)\b)"
    r"|\bagent '?[\w-]{2,40}'? (?:failed|error)|\bstream(?:ing)? \S{4,60} (?:error|failed)"
    r"|execut(?:e|ion|ing)[ _](?:stream|agent|engine)|run_agent|\bagents?\.\w|supervisor"
    r"|tool[ _](?:dispatch|execut)|agent_\w*error"
)
_SOCKET = re.compile(
    r"web ?socket|\bws\b|[._]ws[._]|\bws_|socket|handshake|\bupgrade\b|message loop"
    r"|connection_error|error_message\b|error_code|\b10(?:08|11)\b|service_init_failed"
    r"|websocketstate|\bphx_|signalr|\bhubs?\b|hubs?[/.]|engine\.io|actioncable"
)
_AGENT = re.compile(r"agent|execut(?!able)|supervisor|pipeline|tool|stream|\bllm\b|orchestrat")


def place_of(record: Record, position: int, mistake: Mistake, said: str) -> Place:
    """Return where the exception on line `position` of `record` was raised.

    `said` is the exception's own text: its words count only when nothing around it tells.
    """
    own = record.lines[position].text
    around = "\n".join(_around(record, position))
    every_frame = _frames(record, position)
    frames = [path for path in every_frame if not _LIBRARY.search(path)]
    # What lies among the tests is a test's, wherever the tests were copied to.
    in_image = any(_IMAGE_PATH.match(path) and not _TEST_PATH.search(path) for path in frames)
    in_server = in_image or bool(_ENTRY.search(around) or _LOGGED.match(own))
    if any(_TEST_PATH.search(frame) for frame in frames) and not in_image:
        return Place.TEST
    # A framework's part that serves sockets tells as much as a module of the program.
    context = "\n".join((around.replace(said, " "), *every_frame)).lower()
    if not in_server and _TEST.search(around):
        return Place.TEST
    if _STARTUP.search(context) or (in_image and _is_at_import(record, position)):
        return Place.STARTUP
    if mistake is Mistake.MISSING_MODULE or "SyntaxError" in own or "IndentationError" in own:
        # A program that cannot be imported does not start.
        return Place.STARTUP if in_server or _ended_there(record, position) else Place.UNKNOWN
    if place := _place_of_file(record, position):
        return place
    for words, place in _BY_WORDS:
        if words.search(context):
            return place
    if in_server:
        return Place.SERVER
    return Place.UNKNOWN


def _place_of_file(record: Record, position: int) -> Place | None:
    """Return what the folder says of the file that raised it, as Python's traces name that file."""
    above = record.lines[max(0, position - _NEAR_FILE) : position]
    found = next((one for line in reversed(above) if (one := _PYTHON_FILE.search(line.text))), None)
    if found is None or _LIBRARY.search(found[1]):
        return None
    return next((place for words, place in _BY_FOLDER if words.search(found[1])), None)


_BY_FOLDER = (
    (
        re.compile(r"[/\\](?:ws|web_?sockets?|sockets?)(?:_\w{1,30})?[/\\.]", re.IGNORECASE),
        Place.SOCKET,
    ),
    (re.compile(r"[/\\]agents?[/\\.]", re.IGNORECASE), Place.AGENT),
)
_BY_WORDS = (
    (_AGENT_RUN, Place.AGENT),
    (_SOCKET, Place.SOCKET),
    (_AGENT, Place.AGENT),
)


def place_by_name(said: str) -> Place:
    """Return the place that an exception's own words suggest: a class or a function in them."""
    if re.search(r"socket|\bws\b|Channel\.(?:handle_|join)", said, re.IGNORECASE):
        return Place.SOCKET
    if re.search(r"agent|execution|supervisor|tool", said, re.IGNORECASE):
        return Place.AGENT
    return Place.UNKNOWN


def _around(record: Record, position: int) -> Sequence[str]:
    near = _NEAR[record.form]
    lines = record.lines[max(0, position - near) : position + near + 1]
    return [line.text for line in lines if not _SHOWN_SOURCE.match(line.text)]


def _ended_there(record: Record, position: int) -> bool:
    """Whether the program ended right there, by its own trace; what tests run ends so as well."""
    above = [line.text for line in record.lines[max(0, position - _NEAR_EXIT) : position]]
    below = [line.text for line in record.lines[position + 1 : position + _NEAR_EXIT]]
    is_ended = any(map(_EXITED.search, below)) or any(map(_POD_EXITED.search, above))
    return is_ended and not any(map(_RUNS_TESTS.search, (*above, *below)))


def _is_at_import(record: Record, position: int) -> bool:
    """Whether the trace goes through the body of a module of the program: it is being loaded."""
    lines = record.lines[max(0, position - _LONGEST_TRACE) : position + 3]
    found = (_MODULE_BODY.search(line.text) for line in lines)
    return any(_IMAGE_PATH.match(one[1]) for one in found if one)


def _frames(record: Record, position: int) -> list[str]:
    """Return the files of the trace above line `position`, and those named right below it."""
    frames: list[str] = []
    lines = record.lines
    for line in reversed(lines[max(0, position - _LONGEST_TRACE) : position + 3]):
        if found := _FRAME.search(line.text):
            frames.append(next(group for group in found.groups() if group))
        if _TRACE_START.search(line.text) and line.number < lines[position].number:
            break
    return frames
