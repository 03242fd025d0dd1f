"""The test's own side: its code, the libraries it calls, and the machine it runs on."""

from bot.diagnosis.logs.signatures.signature import Signature, row

# What is called to reach a server, as the error of a wrong call names it.
_CALLED = (
    r"(?:(?:BaseEventLoop|ClientConnection|WebSocketClientProtocol|Client|AsyncClient|ClientSession"
    r"|Session|Redis|Connection|Pool|(?:Async)?HTTPTransport|HTTPAdapter|TCPConnector|httpx|requests|websockets|aiohttp)(?:\.\w+){0,2}"
    r"|(?:create_)?connect(?:ion)?|websocket_connect|ws_connect|request|urlopen"
    r"|create_pool)(?:\.__init__)?\(\)"
)

CLIENT: tuple[Signature, ...] = (
    row(
        "docker_down",
        "docker|response from daemon",
        r"could not find a valid docker environment|cannot connect to the docker",
        r"error response from daemon|docker…(?:not running|isn't running|not available|not healthy"
        r"|unavailable|unable to start|not installed|not found|not started|unreachable|not "
        r"responding|crashed)",
        r"docker daemon|error during connect…docker|docker compose…failed|docker (?:desktop "
        r")?(?:failed|error)",
    ),
    row(
        "runner_killed",
        "heap out of|cancelled by|canceled by|job running|maximum execution|timeout failure|timed "
        "out after|killed|terminated|outofmemory|exit code|exited with|out of memory|memoryerror"
        "|no space left|keyboardinterrupt|operation was cancel|shutdown signal|segmentation fault"
        "|fatal python|job was|job exceeded|exit status|error 137|suite timed|run timed|aborted"
        "|job cancel|error 143|error 139|error -9|javascript heap",
        r"(?:command|process) timed out after|(?:process|run|suite|job) (?:was |got )?killed\b"
        r"|\bcategory \w+ timed out"
        r"|(?:process|run|suite|job|session)\b…\bwas (?:terminated|killed)\b"
        r"|outofmemory(?:exception|error)|test (?:run|suite|session) (?:timed out|killed|aborted)",
        r"job (?:was )?(?:cancel|exceeded)|operation was cancel|received a shutdown signal",
        r"^\s*(?:[\w./-]{0,60}: line \d+: +\d+ )?Killed\b|OOMKilled|out of memory|\bMemoryError\b",
        r"(?:exit(?:ed with)? (?:code|status)|\*\*\* \[\S+\] Error) (?:137|143|139|-9)\b",
        r"heap out of memory|allocation failed - javascript heap|cancell?ed by (?:user|the user"
        r"|timeout)|the job running on runner|has exceeded the maximum execution time|stuck or "
        r"timeout failure",
        r"no space left on device|\bKeyboardInterrupt\b|segmentation fault|fatal python error",
    ),
    row(
        "console_encoding",
        "unicodeencodeerror|unicodedecodeerror|charmap",
        r"Unicode(?:En|De)codeError|['\"]charmap['\"] codec can't",
    ),
    row(
        "runner_crashed",
        "executable doesn't|chrome|chromium|firefox|browser|chromedriver|geckodriver|session not "
        "created|lost communication|runner has|runner lost|runner crashed|hosted runner|eacces"
        "|emfile|too many open|permission denied, |[errno 13]|[winerror 5]|read-only file|npm err"
        "|satisfies the|matching distribution|locate package|already in use|ebusy|resource busy"
        "|being used by another|harness|eaddrinuse|already allocated|cannot open display|closed "
        "file|internalerror|building wheel|build wheels|can't open file|not found|not recognized"
        "|no module named pytest|no module named 'pytest|unrecognized arguments|exec format"
        "|crashed|to fetch |did not complete successfully"
        "|playwright install|no runner|runner did|runner could|runner failed"
        "|runner disconnected|runner went|cannot find ",
        r"I/O operation on closed file|^INTERNALERROR>|can't open file |exec format error",
        r"(?:pytest|python\d?|docker|npm|node|uv|poetry): (?:command )?not found",
        r"is not recognized as an|No module named ['\"]?pytest\w*\b|error: unrecognized arguments",
        r"worker ['\"]gw\d+['\"] crashed|executable doesn't exist|(?:chrome|chromium|firefox"
        r"|browser|driver)\b…(?:not found|failed to launch|failed to start|could not be (?:found"
        r"|started)|not installed|crashed|unexpectedly exited|only supports)|cannot (?:find|open) "
        r"(?:chrome|display)|failed to launch the browser|missing dependencies to run browsers"
        r"|playwright install|session not created",
        r"lost communication with the server|runner (?:has )?(?:received|lost|crashed|disconnected"
        r"|went offline)|the hosted runner|no runner|system\.io\.ioexception: no space|\beacces\b"
        r"|\bemfile\b|too many open files|permission denied, (?:mkdir|open|scandir)|\[winerror 5\]"
        r"|\[errno 13\] permission denied|read-only file system",
        r"npm err(?:!|or) (?:code (?!elifecycle)e[a-z]{2,}|missing script|40[0-9] |network (?!in )"
        r"|notarget|enoent|could not (?:resolve|install|read)|cannot read)"
        r"|could not find a version that satisfies|no matching distribution|unable to locate "
        r"package|failed building wheel|could not build wheels|address already in use"
        r"|unable to fetch some archives|\be: (?:failed|unable) to fetch |process \"/bin/\w+ -c "
        r"[^\n]{1,200}did not complete successfully|eaddrinuse|port is already allocated"
        r"|\bebusy\b|resource busy or locked|being used by "
        r"another process|(?:harness|runner) (?:did not|didn't|could not|failed to) start",
    ),
    row(
        "category_skipped",
        "categor",
        r"categor(?:y|ies)\b…\bskip|skip\w* (?:the )?(?:\w+ )?categor",
    ),
    row(
        "library_misused",
        "for connection option|cannot be called from a running|already running|unexpected keyword"
        "|missing 1 required|missing 2 required|positional argument|multiple values"
        "|missing 3 required|takes ",
        r"invalid \w+ value …for connection option",
        r"asyncio\.run\(\) cannot be called from a running event loop|[Tt]his event loop is "
        r"already running",
        rf"\b{_CALLED} (?:got an unexpected keyword argument|missing \d+ required|takes \d+ "
        rf"positional|got multiple values)",
        case=True,
    ),
    row(
        "library_misused",
        "header value|url|scheme|unexpected option|unknown option|extra_headers|additional_headers"
        "|already read|is unusable|header name|curl: (3)|has been consumed|invalid header|must "
        "be awaited|stream is locked"
        "|valid uri|invaliduri|no host supplied|missing http|missing 'http|missing \"http",
        r"curl: \(3\)|(?:failed to parse|invalid|malformed|relative|unsupported) url\b(?! (?:in"
        r"|for) (?:config"
        r"|env))|err_invalid_url|only absolute urls|absolute url|no (?:scheme|host) supplied"
        r"|missingschema|invalidschema|invalidurl\w*|nonhttpurl\w*|unsupported protocol scheme"
        r"|missing (?:an? )?['\"]?https?://"
        r"|url scheme|url must (?:start|begin|be)|isn't a valid uri|uri is not absolute|invaliduri",
        r"body (?:is unusable|has already been (?:read|consumed|used))|stream is locked|request "
        r"with (?:get/head|get) method cannot have body|invalid character in header|header value "
        r"must be (?:str|bytes|a string)|invalid header (?:name|value)|unknown option ['\"`-]",
    ),
    row(
        "test_broken",
        "reproduces|xpass|error ts|unexpected success|unexpectedly|should have failed|did not "
        "throw|.spec."
        "|.test.|fixture|failures|error collecting|importing test module|did not raise|expected to "
        "fail|no keyword with name|natively supported|in `markers`|but it succeeded|importing "
        "library|resource file|variable '${|import test module|_failedtest|different loop|during "
        "collection"
        "|unexpected pass|to fail, but",
        r"fixture ['\"]\w+['\"] not found|error collecting |import(?:ing)? test module|DID NOT "
        r"RAISE",
        r"expected (?:at least )?(?:\d+ )?…failures?\b…got (?:0|none|no)\b|expected to fail\b",
        r"(?:spec|test|case) (?:that )?reproduces\b|\bxpass\b|unexpected(?:ly)? (?:success|passed)"
        r"|should have failed|(?:was |is )?expected to fail|did not (?:throw|raise)\b",
        r"(?:[/\\](?:tests?|e2e|specs?|__tests__|cypress|playwright)[/\\]|\.(?:spec|test|e2e"
        r"|cy)\.)\S{0,80}[jt]sx?\b\S{0,16} - error ts\d+",
        r"(?:syntaxerror|referenceerror|cannot find module)…\.(?:spec|test)\.[jt]sx?|\.(?:spec"
        r"|test)\.[jt]sx?\b…(?:syntaxerror|error ts\d+|cannot find module)",
        r"async def functions are not natively supported|not found in `markers`|expected\b…\bto "
        r"fail, but|no keyword with name|importing library '[^']{1,80}' failed|resource file "
        r"'[^']{1,200}' does not exist|variable '\$\{[\w ]{1,60}\}' not found",
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
        r"^\W{0,12}(?:E +)?(?:\w+\.)?AssertionError\b",
        r"(?<![\w.])(?:ERROR|CRITICAL|FATAL|FAILED|FAILURE)(?![\w.])|❌|✗(?!\s+0\b)",
        r"\b(?:[Ee]rror|[Ff]ailure) occurred|went wrong|\b(?:[Jj]ob|[Bb]uild|[Ss]uite|[Rr]un"
        r"|[Oo]verall|[Pp]ipeline) (?:result|status|conclusion|outcome)\W{1,3}(?:failed|failure|red"
        r"|error)\b",
        r"(?<!\b0 )(?<!\b[Nn]o )\b(?:[Cc]heck|[Mm]onitor|[Pp]robe|[Gg]ate|[Ss]moke"
        r"(?: tests?)?)\b[^\n]{0,60}?\bfailed\b(?! (?:over|back|to\b|0\b))",
        case=True,
    ),
    row(
        "swallowed_timeout",
        "timeout|timed out",
        r"(?:timeout|timed out)…\b(?:continuing|ignored|is ok|acceptable|expected|fine|moving "
        r"on)\b",
    ),
)  # fmt: skip
