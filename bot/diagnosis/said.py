"""What servers say when something is wrong, as patterns; and where a run keeps what was said.

Patterns are read without regard to case. They name kinds of software and kinds of failure that
any staging system can have, never a project, a host or a product of ours.
"""

from bot.diagnosis.combined import AllOf, AnyOf
from bot.diagnosis.conditions import Differs, Is, Matches, Raises
from bot.diagnosis.program_errors import Mistake

# Where the target's own words are kept; the deepest first, because that is the one to quote.
# `*.error_text` is not among them: those are words of our own libraries.
SOCKET_WORDS = (
    "events.exception",
    "events.error_detail",
    "events.error_message",
    "events.close_reason",
    "connect.close_reason",
    "connect.body",
    "events.error_code",
)
AGENT_WORDS = (
    "events.exception",
    "events.error_detail",
    "events.agent_error",
    "events.error_message",
    "events.error_code",
)
BACKEND_WORDS = (
    "health.backend.reason",
    "health.ready.reason",
    "health.dependencies.reason",
    "health.backend.body",
    "health.ready.body",
    "connect.body",
)
EXCHANGE_WORDS = ("exchange.detail", "exchange.body")
AUTH_WORDS = ("health.auth.reason", "health.auth.body")


def says(pattern: str, words: tuple[str, ...]) -> AnyOf:
    """The target said something like `pattern` in one of the places `words`."""
    return AnyOf(*(Matches(path, pattern) for path in words))


# A token that is checked and found wrong gets another answer than this one.
GARBAGE_DIFFERS = AnyOf(
    Is("token_garbage.same", False), Differs("token_garbage.error_code", "events.error_code")
)


def may_raise(words: tuple[str, ...], *mistakes: Mistake) -> AnyOf:
    """The target quoted what reads like an exception of its program in one of `words`."""
    return AnyOf(*(Raises(path, *mistakes) for path in words))


def raises(words: tuple[str, ...], *mistakes: Mistake) -> AnyOf:
    """The target quoted an exception of its program in one of the places `words`.

    A socket speaks of refused tokens too: there, what a refusal could be worded like counts only
    where a garbage token is refused differently.
    """
    if words != SOCKET_WORDS:
        return may_raise(words, *mistakes)
    return AnyOf(
        *(Raises(path, *mistakes, certainly=True) for path in words),
        AllOf(may_raise(words, *mistakes), GARBAGE_DIFFERS),
    )


def quote(words: tuple[str, ...]) -> str:
    """Return the slot of a sentence that takes what a rule rests on, the deepest first."""
    return "{cited:" + "|".join(words) + "|'no words'}"


_FAILS = (
    r"(?:time[sd]?[ -]?out|timeout|unavailable|unreachable|refused|fail(?:ed|ure|s)?\b|error\b"
    r"|cannot connect|could not connect|can't connect|not connected|not accessible|disconnected"
    r"|\bdown\b|degraded|unhealthy|lost connection|connection (?:lost|closed|reset|error)"
    r"|too many clients|pool (?:limit|exhausted)|not reach|no route|circuit[ _-]?breaker)"
)


def _ails(what: str) -> str:
    return rf"{what}[^\n{{}},;]{{0,160}}?{_FAILS}|{_FAILS}[^\n{{}},;]{{0,80}}?{what}"


# How run times word a connection that did not come about, whoever it was meant for.
_UNREACHED = (
    r"(?:connect call failed|cannot connect to host|connection (?:was )?refused|ECONNREFUSED"
    r"|ETIMEDOUT|EHOSTUNREACH|connect(?:ion)?(?: attempt)? ?timed? ?-?out|no route to host"
    r"|dial tcp\b|max retries exceeded|failed to establish a new connection)"
)
CALL_FAILED = (
    rf"{_UNREACHED}|ENOTFOUND|EAI_AGAIN|getaddrinfo|name or service not known"
    r"|name resolution"
)


def _at_port(*ports: int) -> str:
    """Return the pattern for a connection that did not come about to one of `ports`."""
    port = rf"[:,] ?(?:{'|'.join(map(str, ports))})\b"
    return rf"{_UNREACHED}[^\n]{{0,60}}?{port}|{port}[^\n]{{0,40}}?{_UNREACHED}"


SCHEMA_MISSING = (
    r"missing (?:required )?(?:database )?tables?\b|no such (?:table|column)"
    r"|\btables? (?:is |are )?missing\b"
    r"|(?:relation|table|column) [\"'`]?[\w.]+[\"'`]? (?:of relation \S+ )?"
    r"(?:does not|doesn't) exist"
    r"|undefined ?(?:table|column)(?:error)?\b|run (?:the )?migrations?\b|pending migrations?"
    r"|migrations? (?:is|are|was|were)? ?(?:missing|not applied)"
)
# Silence, in plain words.
_MUTE = (
    r"(?:not|n't|never|no) (?:answer|respon|repl)\w*|(?:gave|giving|gives) up (?:waiting|on)"
    r"|(?:cannot|can't|could not|couldn't) be reached"
)
# "Failed to find the user in the database" is no word about the database itself.
_CUT_OFF = (
    r"(?:time[sd]?[ -]?out|timeout|unavailable|unreachable|refused|not (?:connected|accessible"
    r"|reach\w*)|disconnected|\bdown\b|degraded|unhealthy|too many clients|pool (?:limit|exhausted)"
    r"|connect(?:ion|ivity)?[^\n{},;]{0,30}(?:fail|error|lost|closed|reset)"
    r"|initiali[sz]ation failed|circuit[ _-]?breaker"
    r"|(?:fail\w*|error|cannot|can't|could not|unable)[^\n{},;]{0,20}connect"
    rf"|{_MUTE})"
)
_DATABASE = r"\b(?:database|data ?store|db)\b"
DATABASE_DOWN = (
    _ails(r"(?:postgres\w*|cloud ?sql|psycopg\w*|asyncpg|mysql|sqlalchemy)")
    + rf"|{_DATABASE}[^\n{{}},;]{{0,160}}?{_CUT_OFF}"
    + rf"|{_CUT_OFF}[^\n{{}},;]{{0,80}}?{_DATABASE}"
    # In the words of libpq, of SQLAlchemy's pool, and of the server itself.
    + r"|connection to server at [^\n]{1,120}? failed|\bQueuePool limit\b"
    r"|remaining connection slots are reserved|password authentication failed for (?:user|role)"
    # In those of Java's ways to a database; and by the port that a database listens on.
    r"|unable to acquire (?:a )?(?:jdbc )?connection|jdbc ?connection ?exception"
    rf"|{_at_port(5432, 3306, 1433, 1521, 27017)}"
)
REDIS_DOWN = _ails(r"\bredis\b") + (
    r"|error -?\d+ connecting to \S+:6379|without any password configured|\bNOAUTH\b"
    rf"|{_at_port(6379)}"
)
CLICKHOUSE_DOWN = _ails(r"\bclickhouse\b")
_MODEL = r"(?:\bllm\b|language model|model provider|\bopenai\b|\banthropic\b|\bgemini\b|vertex ?ai)"
LLM_QUOTA = (
    rf"{_MODEL}[^\n]{{0,120}}?(?:quota|rate[ _-]?limit|\b429\b|exhausted|too many requests)"
    rf"|(?:quota|rate[ _-]?limit|\b429\b|exhausted)[^\n]{{0,80}}?{_MODEL}"
    r"|insufficient_quota|exceeded your current quota|RESOURCE_EXHAUSTED|tokens? per (?:min|day)"
    r"|llm_quota"
)
LLM_DOWN = (
    rf"{_MODEL}[^\n]{{0,80}}?(?:is None\b|not (?:available|configured|initiali[sz]ed|set|found)"
    rf"|missing|{_FAILS}|overloaded|no response|invalid api key)"
    rf"|\bno {_MODEL}|None\.ask_\w+|{_FAILS}[^\n]{{0,60}}?{_MODEL}"
    # In the providers' own words, which do not say who they are.
    r"|incorrect api key provided|invalid x-api-key|api key not valid\. please"
    r"|overloaded_error|model_overloaded"
)
SERVICE_AUTH = (
    r"invalid_service_(?:id|secret)|service_not_configured|illegal header value"
    r"|\bservice:[\w.-]+|not authenticated[^\n]{0,80}service"
    r"|service[ _](?:secret|id|identity|account|credentials?)\b[^\n]{0,60}?"
    r"(?:missing|invalid|refused|rejected|not (?:set|configured)|mismatch|fail)"
    r"|(?:inter-?service|service-to-service)[^\n]{0,60}?(?:auth|fail|refus|reject)"
)
_AUTH_PART = (
    r"\b(?:auth(?:entication|orization)?[ _-]?(?:service|server|backend|provider)"
    r"|identity[ _-](?:service|server|provider))\b"
)
_AUTH_MUTE = rf"(?:time[sd]? ?-?out|unavailable|unreachable|\bdown\b|\b50[0-4]\b|{_MUTE})"
AUTH_SERVICE = (
    r"auth(?:entication)?[ _-]?service[ _-]?(?:is )?(?:temporarily |currently )?"
    r"(?:unreachable|unavailable|error|timed? ?out|timeout|down|failed|not reach)"
    # Every dependency can have a breaker of its own.
    r"|auth(?:entication)?[ _-](?:service[ _-])?circuit|circuit[ _-]?breaker[^\n]{0,20}\bauth"
    rf"|{_UNREACHED}[^\n]{{0,40}}?\bauth[\w-]*[.:]\w"
    rf"|{_AUTH_PART}[^\n{{}},;]{{0,60}}?{_AUTH_MUTE}|{_AUTH_MUTE}[^\n{{}},;]{{0,40}}?{_AUTH_PART}"
)
STARTUP_RACE = (
    r"service not ready|start-?up[ _](?:is )?(?:incomplete|not complete|in progress)"
    r"|startup phase [^\n]{0,60}did not reach|still (?:starting|initiali[sz]ing|warming)"
    r"|(?:service|server|application|app|backend|system)\b[^\n]{0,30}not (?:yet )?(?:fully )?"
    r"(?:started|initiali[sz]ed)\b|startup_complete\W+false"
)
CONFIG_INVALID = (
    r"missing required (?:config\w*|environment|env|setting|secret)"
    r"|required (?:config\w*|environment variables?|settings?|secrets?)\b[^\n]{0,60}?"
    r"(?:missing|not set|absent|empty)"
    r"|config\w* (?:validation|dependency)[^\n]{0,40}?(?:fail|critical)|invalid config\w*"
    r"|contains localhost|(?:env(?:ironment)? variable|secret|setting) [\w'\"]+ (?:is )?"
    r"(?:missing|not set|required|invalid|empty)|insufficient entropy"
    r"|(?:env\w*|variable|secret|setting|config\w*)[^\n]{0,40}must be set\b"
)
BOOTING = r"start-?up|\bboot\w*|lifespan"
AT_STARTUP = rf"{BOOTING}|initiali[sz]ation|deterministic|middleware setup"
OWN_PART = (
    r"\b(?:factory|factories|constructor|serializ\w+|serialis\w+|state machine|bridge|registry"
    r"|(?:type|class|instance|contract) (?=check|validation|assertion)|manager)\b[^.\n]{0,40}?"
    r"\b(?:validation|check|creation|instantiation|initiali[sz]ation|assertion)?\s?"
    r"(?:failed|failure|error|violat\w+)\b"
)
USER_ID_REFUSED = (
    r"(?:invalid|malformed|illegal|bad) user[ _]?id|user[ _]?id\b[^\n]{0,40}?"
    r"(?:format|pattern|invalid|malformed|not allowed|placeholder|refused|rejected)"
    r"|INVALID_USER_?ID"
)
USER_UNKNOWN = (
    r"user\b[^\n]{0,60}?(?:not found|does not exist|unknown|no such|not registered)"
    r"|no (?:such |active |matching )?user\b|unknown user|USER_NOT_FOUND"
)
JWT_ABSENT = (
    r"NO_TOKEN|no (?:jwt |auth\w* |bearer )?token (?:was )?(?:found|provided|present|supplied)"
    r"|missing (?:authorization|(?:jwt |auth |bearer )?token|bearer|credentials)"
    r"|authorization header (?:is )?(?:missing|required|absent)"
)
JWT_EXPIRED = r"TOKEN_EXPIRED|(?:token|signature|jwt|session) (?:has |is )?expired|expired[ _]token"
JWT_REFUSED = (
    r"VALIDATION_FAILED|INVALID_TOKEN|INVALID_FORMAT|TOKEN_INVALID|JWT_\w*(?:INVALID|FAILED)"
    r"|token (?:validation|verification) failed|invalid (?:jwt|token|signature|audience|issuer)"
    r"|signature (?:verification|mismatch|does not match|is invalid)"
    r"|(?:jwt|token) (?:is )?(?:invalid|malformed|rejected|refused)"
    r"|not enough segments|\bclaims?\b"
)
AUTH_WORDED = (
    r"\bauth\w*[ _](?:failed|required|error|exception|denied)|unauthori[sz]ed|AUTH_\w+"
    r"|WEBSOCKET_AUTH\w*|authentication|not authenticated|valid (?:jwt|token)|credential"
)
PERMISSION = (
    r"permission|not (?:allowed|permitted|authori[sz]ed) to|access denied|\bforbidden\b"
    r"|insufficient (?:scope|privilege|right|role)"
)
QUOTA = (
    r"too many (?:concurrent |open |active )?(?:connections|sockets|sessions|managers)"
    r"|(?:connection|session|manager)s? (?:limit|quota)|max(?:imum)?[ _](?:number of )?"
    r"[\w ]{0,30}(?:connections|managers|sessions|sockets)|QUOTA_EXCEEDED|TOO_MANY_CONNECTIONS"
)
RATE_LIMIT = r"rate[ _-]?limit|too many (?:requests|messages)|RATE_LIMITED|throttl"
SUBPROTOCOL = r"sub-?protocols?"
REQUEST_REFUSED = (
    r"unknown (?:message|request|event|command)?[ _]?type|unsupported (?:message|request|event)"
    r"|(?:unknown|unsupported|unrecogni[sz]ed) (?:operation|action|command|method)\b"
    r"|unknown (?:message|request)\b"
    r"|\bmethod not found\b|^BAD_REQUEST$"
    r"|unrecogni[sz]ed (?:message|request|type)|no handler (?:for|registered|found)"
    r"|FORMAT_ERROR|JSON_PARSE_ERROR|UNKNOWN_\w*TYPE|INVALID_(?:MESSAGE|REQUEST|PAYLOAD)\w*"
    r"|(?:field|user_request|payload|message|content)\W{1,3}(?:is )?(?:required|missing)"
    r"|missing (?:required )?(?:field|user_request|payload)"
    r"|invalid (?:message|request|payload|json)"
    r"|please enter a message|not (?:a )?valid (?:json|message|type)"
)
