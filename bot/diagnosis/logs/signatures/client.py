"""The test's own side: its code, the libraries it calls, and the machine it runs on."""

from bot.diagnosis.logs.signatures.signature import Signature, row

CLIENT: tuple[Signature, ...] = (
    row(
        "docker_down",
        "docker",
        r"docker[^\n]{0,60}?(?:not running|isn't running|not available|not healthy|unavailable|not "
        r"installed"
        r"|not found|not started|unreachable|not responding)[^\n]{0,60}|docker daemon[^\n]{0,80}"
        r"|error during connect[^\n]{0,120}docker|docker compose[^\n]{0,40}failed[^\n]{0,60}"
        r"|docker (?:desktop )?(?:crashed|failed|error)[^\n]{0,60}",
    ),
    row(
        "runner_killed",
        "timed out after|killed|exit code|exited with|out of memory|memoryerror|no space left"
        "|keyboardinterrupt|operation was cancel|shutdown signal|segmentation fault|fatal python"
        "|oomkilled|signal",
        r"command timed out after[^\n]{0,60}|process timed out after[^\n]{0,40}|test (?:run|suite"
        r"|session)"
        r" (?:timed out|killed|aborted)[^\n]{0,60}|job (?:was )?(?:cancel\w{0,30}"
        r"|exceeded)[^\n]{0,60}",
        r"^\s*(?:[\w./-]{0,60}: line \d{1,9}: +\d{1,9} )?Killed\b|OOMKilled|exit(?:ed with)? "
        r"(?:code"
        r"|status) (?:137"
        r"|143|139|-9)\b|out of memory|\bMemoryError\b|no space left on device"
        r"|\bKeyboardInterrupt\b"
        r"|operation was cancel+ed|received a shutdown signal|segmentation fault|fatal python "
        r"error",
    ),
    row(
        "console_encoding",
        "unicodeencodeerror|unicodedecodeerror|charmap|codec can't",
        r"Unicode(?:En|De)codeError[^\n]{0,160}|['\"]charmap['\"] codec can't[^\n]{0,120}",
    ),
    row(
        "runner_crashed",
        "closed file|internalerror|capture|can't open file|command not found|not recognized"
        "|no module named pytest|unrecognized arguments|exec format|xdist|worker 'gw",
        r"I/O operation on closed file|^INTERNALERROR>[^\n]{0,160}|can't open file [^\n]{0,80}"
        r"|(?:pytest|python\d?|docker|npm|node|uv|poetry): (?:command )?not found|is not recognized"
        r" as an"
        r"[^\n]{0,60}|No module named ['\"]?pytest\w{0,30}|error: unrecognized arguments[^\n]{0,60}"
        r"|worker ['\"]gw\d{1,9}['\"] crashed[^\n]{0,60}|exec format error",
    ),
    row(
        "category_skipped",
        "category|stage skipped|suite skipped|skipping",
        r"categor(?:y|ies)\b[^\n]{0,60}?\bskip\w{0,30}[^\n]{0,60}"
        r"|skip\w{0,30} (?:the )?(?:\w{1,30} "
        r")?categor(?:y"
        r"|ies)[^\n]{0,60}",
    ),
    row(
        "library_misused",
        "for connection option|cannot be called from a running|method not allowed|allow: "
        "|unexpected keyword argument|unexpected argument|missing 1 required|positional argument",
        r"invalid \w{1,30} value [^\n]{1,40} for connection option[^\n]{0,60}"
        r"|asyncio\.run\(\) cannot be called from a running event loop"
        r"|this event loop is already running",
        r"\b(?:(?:BaseEventLoop|ClientConnection|WebSocketClientProtocol|Client|AsyncClient"
        r"|ClientSession"
        r"|Session|Redis|Connection|Pool|httpx|requests|websockets|aiohttp)(?:\.\w{1,30}){0,2}"
        r"|(?:create_)?connect(?:ion)?|websocket_connect|ws_connect|request|urlopen|create_pool)"
        r"(?:\.__init__)?\(\) (?:got an unexpected keyword argument|missing \d{1,9} required"
        r"|takes \d{1,9} positional|got multiple values)[^\n]{0,80}",
        case=True,
    ),
    row(
        "test_broken",
        "fixture|failures|error collecting|importing test module|did not raise|expected to fail"
        "|import test module|found no collectors|_failedtest|different loop|errors during "
        "collection",
        r"fixture ['\"]\w{1,30}['\"] not found|expected (?:at least )?(?:\d{1,9} "
        r")?[^\n{}]{0,60}?failures?\b[^\n]{0,60}?"
        r"got (?:0|none|no)\b[^\n]{0,40}|error collecting [^\n]{0,80}|import(?:ing)? test "
        r"module[^\n]{0,80}"
        r"|DID NOT RAISE[^\n]{0,80}|(?:was )?expected to fail\b[^\n]{0,60}|_FailedTest"
        r"|attached to a different loop|errors? during collection",
    ),
    row(
        "truncated",
        "...|…|truncated|[cut",
        r"(?:\.\.\.|…)[\s\"')\]}]*$|\[\.\.\.|\[cut\b|\boutput truncated|\(truncated\)"
        r"|\btruncated\b[^\n]{0,20}$|\.\.\. \(\d{1,9} more",
    ),
    row("traceback", "traceback (most", r"Traceback \(most recent call last\)"),
    row(
        "trouble",
        "error|critical|fatal|failed|failure|went wrong|❌|✗",
        r"(?<![\w.])(?:ERROR|CRITICAL|FATAL|FAILED|FAILURE)(?![\w.])|❌|✗"
        r"|\b(?:[Ee]rror|[Ff]ailure) occurred|went wrong",
        case=True,
    ),
    row(
        "swallowed_timeout",
        "timeout|timed out",
        r"(?:timeout|timed out)[^\n{}]{0,60}?(?:continuing|ignored|is ok|acceptable|expected|fine"
        r"|moving on)"
        r"[^\n]{0,40}",
    ),
)
