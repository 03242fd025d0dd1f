"""The test's own side: its code, the libraries it calls, and the machine it runs on."""

from bot.diagnosis.logs.signatures.signature import Signature, row

# What is called to reach a server, as the error of a wrong call names it.
_CALLED = (
    r"(?:(?:BaseEventLoop|ClientConnection|WebSocketClientProtocol|Client|AsyncClient"
    r"|ClientSession|Session|Redis|Connection|Pool|httpx|requests|websockets"
    r"|aiohttp)(?:\.\w+){0,2}|(?:create_)?connect(?:ion)?|websocket_connect|ws_connect|request"
    r"|urlopen|create_pool)(?:\.__init__)?\(\)"
)

CLIENT: tuple[Signature, ...] = (
    row(
        "docker_down",
        "docker",
        r"docker…(?:not running|isn't running|not available|not healthy|unavailable|not installed"
        r"|not found|not started|unreachable|not responding|crashed)",
        r"docker daemon|error during connect…docker|docker compose…failed"
        r"|docker (?:desktop )?(?:failed|error)",
    ),
    row(
        "runner_killed",
        "timed out after|killed|exit code|exited with|out of memory|memoryerror|no space left"
        "|keyboardinterrupt|operation was cancel|shutdown signal|segmentation fault|fatal python"
        "|job was|job exceeded|exit status|error 137|suite timed|run timed|aborted",
        r"(?:command|process) timed out after|test (?:run|suite|session) (?:timed out|killed"
        r"|aborted)",
        r"job (?:was )?(?:cancel|exceeded)|operation was cancel|received a shutdown signal",
        r"^\s*(?:[\w./-]{0,60}: line \d+: +\d+ )?Killed\b|OOMKilled|out of memory|\bMemoryError\b",
        r"(?:exit(?:ed with)? (?:code|status)|\*\*\* \[\S+\] Error) (?:137|143|139|-9)\b",
        r"no space left on device|\bKeyboardInterrupt\b|segmentation fault|fatal python error",
    ),
    row(
        "console_encoding",
        "unicodeencodeerror|unicodedecodeerror|charmap",
        r"Unicode(?:En|De)codeError|['\"]charmap['\"] codec can't",
    ),
    row(
        "runner_crashed",
        "closed file|internalerror|can't open file|not found|not recognized|no module named pytest"
        "|no module named 'pytest|unrecognized arguments|exec format|crashed",
        r"I/O operation on closed file|^INTERNALERROR>|can't open file |exec format error",
        r"(?:pytest|python\d?|docker|npm|node|uv|poetry): (?:command )?not found",
        r"is not recognized as an|No module named ['\"]?pytest\b|error: unrecognized arguments",
        r"worker ['\"]gw\d+['\"] crashed",
    ),
    row(
        "category_skipped",
        "categor",
        r"categor(?:y|ies)\b…\bskip|skip\w* (?:the )?(?:\w+ )?categor",
    ),
    row(
        "library_misused",
        "for connection option|cannot be called from a running|already running|unexpected keyword"
        "|missing 1 required|missing 2 required|positional argument|multiple values",
        r"invalid \w+ value …for connection option",
        r"asyncio\.run\(\) cannot be called from a running event loop"
        r"|this event loop is already running",
        rf"\b{_CALLED} (?:got an unexpected keyword argument|missing \d+ required"
        rf"|takes \d+ positional"
        r"|got multiple values)",
        case=True,
    ),
    row(
        "test_broken",
        "fixture|failures|error collecting|importing test module|did not raise|expected to fail"
        "|import test module|_failedtest|different loop|during collection",
        r"fixture ['\"]\w+['\"] not found|error collecting |import(?:ing)? test module"
        r"|DID NOT RAISE",
        r"expected (?:at least )?(?:\d+ )?…failures?\b…got (?:0|none|no)\b|expected to fail\b",
        r"_FailedTest|attached to a different loop|errors? during collection",
    ),
    row(
        "truncated",
        "...|…|truncated|[cut",
        r"(?:\.\.\.|\u2026)[\s\"')\]}]*$|\[\.\.\.|\[cut\b|\(truncated\)|\boutput truncated",
        r"\.\.\. \(\d+ more",
    ),
    row("traceback", "traceback (most", r"Traceback \(most recent call last\)"),
    row(
        "trouble",
        "error|critical|fatal|failed|failure|went wrong|❌|✗",
        r"(?<![\w.])(?:ERROR|CRITICAL|FATAL|FAILED|FAILURE)(?![\w.])|❌|✗",
        r"\b(?:[Ee]rror|[Ff]ailure) occurred|went wrong",
        case=True,
    ),
    row(
        "swallowed_timeout",
        "timeout|timed out",
        r"(?:timeout|timed out)…(?:continuing|ignored|is ok|acceptable|expected|fine|moving on)",
    ),
)  # fmt: skip
