"""What a service stands on: database, Redis, ClickHouse, a language model, the auth service."""

from bot.diagnosis.logs.signatures.signature import FAILS, Signature, ails, row

_DATABASE = r"(?:\bpostgres\w*|\b(?:core )?database\b|\bcloud ?sql\b|\basyncpg\b|\bpsycopg\w*)"
_REDIS = r"\bredis\b"
_CLICKHOUSE = r"\bclickhouse\b"
_MODEL = r"(?:\bllm\b|language model|model provider|\bopenai\b|\banthropic\b|\bgemini\b|vertex ?ai)"
_LIMIT = r"(?:quota|rate[ _-]?limit|\b429\b|exhausted|too many requests)"
_AUTH = r"\bauth(?:entication)?[ _-]?service\b"
_NAME = r"[\"'`\\]{0,2}[\w.-]{1,60}[\"'`\\]{0,2}"
_NOT_THERE = r"(?:does not|doesn't) exist"

BACKING: tuple[Signature, ...] = (
    row(
        "schema_missing",
        "table|relation|column|migration|schema|database",
        r"missing (?:required )?(?:database )?tables?\b|\btables? (?:is |are )?missing\b",
        r"no such (?:table|column)\b|(?:undefined|unknown) ?(?:table|column)",
        rf"(?:relation|table|column) {_NAME} (?:of relation \S+ )?{_NOT_THERE}",
        rf"database {_NAME} {_NOT_THERE}",
        rf"table {_NAME} (?:is )?(?:missing|not found)",
        r"run (?:the )?migrations?\b|(?:pending|unapplied|missing) migrations?\b",
        r"migrations? (?:have |has )?not (?:been )?(?:run|applied)|can't locate revision",
        r"schema (?:is )?(?:missing|out of date|not found)",
    ),
    row(
        "database_down",
        "database|postgres|cloud sql|cloudsql|asyncpg|psycopg|operationalerror|queuepool"
        "|connection slots|too many clients|:5432|5432)|port 5432|could not translate host name"
        "|connection to server at|could not connect to server",
        *ails(_DATABASE),
        r"(?:psycopg\w*|sqlalchemy|asyncpg)\S{0,40}\.\w*(?:Operational|Interface|Connection"
        r"|CannotConnect|Timeout)",
        r"OperationalError|QueuePool limit|too many clients already|remaining connection slots",
        r"could not translate host name|connection to server at…failed|could not connect to server",
        r"connect‥[:, ]5432\b",
    ),
    row(
        "redis_down",
        "redis|:6379|6379)|without any password configured|noauth|wrongpass",
        *ails(_REDIS),
        r"redis\.(?:asyncio\.)?exceptions\.\w+(?:Error|Exception)\b",
        r"connect\w* (?:to )?\S{1,80}:6379|connect‥6379\)",
        r"without any password configured|\bNOAUTH\b|\bWRONGPASS\b",
    ),
    row(
        "clickhouse_down",
        "clickhouse",
        *ails(_CLICKHOUSE),
        r"clickhouse\w*\.(?:\w+\.){0,3}\w*(?:Error|Exception)\b|clickhouse\w*(?:Error|Exception)\b",
    ),
    row(
        "llm_quota",
        "quota|ratelimiterror|resource_exhausted|resourceexhausted|rate limit|tokens per min|429",
        rf"{_MODEL}…{_LIMIT}|{_LIMIT}…{_MODEL}",
        r"insufficient_quota|exceeded your current quota|RESOURCE_EXHAUSTED|tokens? per min",
    ),
    row(
        "llm_down",
        "llm|language model|openai|anthropic|gemini|vertex",
        rf"{_MODEL}[\w ()]{{0,40}}?(?:is None\b|=\s?None\b|not (?:available|configured"
        rf"|initiali[sz]ed"
        r"|set|found|injected)|missing|overloaded|no response)",
        rf"\bno {_MODEL}‥|None\.ask_\w+|['\"]ask_llm['\"]",
        r"has no attribute ['\"\\]{0,2}\w*(?:ask_llm|llm_manager|llm_client)",
        *ails(_MODEL),
        r"llm[_ ]manager['\"]?\s*(?:is|=|:)\s*None\b|llm_manager (?:is )?required",
    ),
    row(
        "auth_service_down",
        "auth_service|auth service|authentication service|auth-service|auth circuit|auth breaker"
        "|auth_circuit|circuit_breaker|auth server",
        *ails(_AUTH),
        r"auth_service_(?:unreachable|unavailable|error|timeout|down|\w*fail)",
        rf"auth\w*[ _]circuit[ _]?breaker‥open|auth server (?:is )?{FAILS}",
        r"authentication service error",
    ),
)  # fmt: skip
