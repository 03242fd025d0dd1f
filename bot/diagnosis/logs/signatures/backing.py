"""What a service stands on: database, Redis, ClickHouse, a language model, the auth service."""

from bot.diagnosis.logs.signatures.signature import Signature, ails, row

_DATABASE = (
    r"(?:\bpostgres\w{0,30}|\b(?:core )?database\b|\bcloud ?sql\b|\basyncpg\b|\bpsycopg\w{0,30})"
)
_REDIS = r"\bredis\b"
_CLICKHOUSE = r"\bclickhouse\b"
_MODEL = r"(?:\bllm\b|language model|model provider|\bopenai\b|\banthropic\b|\bgemini\b|vertex ?ai)"
_AUTH = r"\bauth(?:entication)?[ _-]?service\b"

BACKING: tuple[Signature, ...] = (
    row(
        "schema_missing",
        "table|relation|column|migration|schema|undefinedtable|database",
        r"missing (?:required )?(?:database )?tables?\b[^\n]{0,160}|\btables? (?:is |are "
        r")?missing\b[^\n]{0,120}",
        r"no such (?:table|column)\b[^\n]{0,60}",
        r"(?:relation|table|column) [\"'`\\]{0,2}[\w.]+[\"'`\\]{0,2} (?:of relation \S{1,60} )?"
        r"(?:does not|doesn't) exist|(?:undefined|unknown) ?(?:table|column)\w{0,8}\b[^\n]{0,80}"
        r"|database [\"'`\\]{0,2}[\w-]+[\"'`\\]{0,2} (?:does not|doesn't) exist",
        r"table [\"'`]?[\w.]+[\"'`]? (?:is )?(?:missing|not found)|run (?:the )?migrations?\b"
        r"|(?:pending|unapplied|missing) migrations?\b[^\n]{0,60}"
        r"|migrations? (?:have |has )?not (?:been )?(?:run|applied)"
        r"|can't locate revision[^\n]{0,60}|schema (?:is )?(?:missing|out of date|not found)",
    ),
    row(
        "database_down",
        "database|postgres|cloud sql|cloudsql|asyncpg|psycopg|operationalerror|queuepool"
        "|connection slots|too many clients|:5432|5432)|port 5432|could not translate host name"
        "|connection to server at|could not connect to server",
        *ails(_DATABASE),
        r"(?:psycopg\w{0,30}|sqlalchemy|asyncpg)\S{0,40}\.(?:\w{0,30}(?:Operational|Interface"
        r"|Connection"
        r"|CannotConnect|TooManyConnections|Timeout)\w{0,30})[^\n]{0,160}",
        r"OperationalError[^\n]{0,160}|QueuePool limit[^\n]{0,80}|too many clients already"
        r"|remaining connection slots|could not translate host name[^\n]{0,80}",
        r"connection to server at [^\n]{1,80}?failed[^\n]{0,80}|could not connect to "
        r"server[^\n]{0,80}",
        r"connect\w{0,30}[^\n{}\"]{0,60}?[:, ]5432\b[^\n]{0,60}",
    ),
    row(
        "redis_down",
        "redis|:6379|6379)|without any password configured|noauth|wrongpass",
        *ails(_REDIS),
        r"redis\.(?:asyncio\.)?exceptions\.\w{0,30}(?:Error|Exception)\b[^\n]{0,160}",
        r"connect\w{0,30} (?:to )?\S{1,80}:6379[^\n]{0,80}|\bCONNECT\w{0,30} "
        r"[^\n{}\"]{0,40}6379\)?[^\n]{0,40}",
        r"without any password configured|\bNOAUTH\b|\bWRONGPASS\b",
    ),
    row(
        "clickhouse_down",
        "clickhouse",
        *ails(_CLICKHOUSE),
        r"clickhouse\w{0,30}\.(?:\w{1,30}\.)*\w{0,30}(?:Error|Exception)\b[^\n]{0,160}",
        r"\w{0,30}clickhouse\w{0,30}(?:Error|Exception)\b[^\n]{0,160}",
    ),
    row(
        "llm_quota",
        "quota|ratelimiterror|resource_exhausted|rate limit|tokens per min|429",
        rf"{_MODEL}[^\n]{{0,120}}?(?:quota|rate[ _-]?limit|\b429\b|exhausted|too many requests)",
        rf"(?:quota|rate[ _-]?limit|\b429\b|exhausted)[^\n]{{0,80}}?{_MODEL}",
        r"insufficient_quota|exceeded your current quota|RESOURCE_EXHAUSTED|tokens? per min",
    ),
    row(
        "llm_down",
        "llm|language model|openai|anthropic|gemini|vertex",
        rf"{_MODEL}[\w ()]{{0,40}}?(?:is None\b|=\s?None\b|not (?:available|configured"
        r"|initiali[sz]ed|set|found|injected)|missing|overloaded|no response)",
        r"\bno (?:llm|language model)\b[^\n{}\"]{0,60}|None\.ask_\w{1,30}|['\"]ask_llm['\"]",
        r"has no attribute ['\"\\]{0,2}\w{0,30}(?:ask_llm|llm_manager|llm_client)\w{0,30}",
        rf"{ails(_MODEL)[0]}",
        rf"{ails(_MODEL)[1]}",
        r"llm[_ ]manager['\"]?\s*(?:is|=|:)\s*None\b|llm_manager (?:is )?required",
    ),
    row(
        "auth_service_down",
        "auth_service|auth service|authentication service|auth-service|auth circuit|auth breaker"
        "|auth_circuit|circuit_breaker|auth server",
        *ails(_AUTH),
        r"auth_service_(?:unreachable|unavailable|error|timeout|down)|AUTH_SERVICE_(?:ERROR"
        r"|\w{0,30}FAIL\w{0,30})"
        r"|AUTH_CIRCUIT_BREAKER_OPEN|auth\w{0,30}[ _]circuit[ _]?breaker[^\n{}\"]{0,30}open"
        r"|authentication service error",
        r"auth server (?:is )?(?:down|unreachable|unavailable|not responding)",
    ),
)
