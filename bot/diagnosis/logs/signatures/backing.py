"""What a service stands on: database, Redis, ClickHouse, a language model, the auth service."""

from bot.diagnosis.logs.signatures.signature import FAILS, Signature, ails, row

_DATABASE = (
    r"(?:\bpostgres\w*|\b(?:core )?database\b|\bcloud ?sql\b|\basyncpg\b|\bpsycopg\w*|\bmysql\b"
    r"|\bmariadb\b|\bmongo(?:db)?\b|\bpgbouncer\b|\bhikaripool\S*|\bjdbc\w*|\baurora\b|\brds\b"
    r"|(?<![.\w/-])db(?![.\w/-]|::))"
)
_REDIS = r"\b(?:redis|valkey|elasticache|ioredis|jedis|lettuce|memorystore)\b"
_CLICKHOUSE = r"\bclickhouse\b"
_MODEL = (
    r"(?:\bllm\b|language model|model (?:provider|gateway|endpoint|server|backend|api)\b|\bopenai\b"
    r"|\banthropic\b|\bclaude\b|\bgemini\b|vertex ?ai|\bbedrock\b|\bmistral\b|\bcohere\b|\bvllm\b"
    r"|\bollama\b|inference (?:server|endpoint|api|backend)|\bcompletions? (?:api|endpoint))"
)
_LIMIT = r"(?:quota|rate[ _-]?limit|\b429\b|exhausted|too many requests)"
_AUTH = (
    r"(?:\bauth(?:entication|ori[sz]ation|[nz])?[ _-]?(?:service|server|backend|provider|api"
    r"|host)\b|\bidentity[ _-](?:provider|service|server)\b|\bidp\b|\bsso(?:[ _-]\w+)?\b"
    r"|\bkeycloak\b|\bauth0\b|\bokta\b|\bcognito\b|\b(?:login|sign-?in|token|oauth|oidc|session)[ "
    r"_-](?:service|server|endpoint|provider|host|backend)\b|\bjwks\b|https?://(?:auth|login|sso"
    r"|idp|identity|accounts?|oauth|id)[.:-][\w./:-]{1,120})"
)
_SILENT = (
    r"(?:etimedout|econnrefused|econnreset|timed? ?out|timeout|connection refused|unreachable|not "
    r"reach(?:able|ed)|no (?:answer|response|reply)|does(?: not|n't) (?:answer|respond|reply)"
    r"|unavailable|\bdown\b|connection reset|i/o timeout|offline|refused)"
)
_NAME = r"[\"'`\\]{0,2}[\w.-]{1,60}[\"'`\\]{0,2}"
_NOT_THERE = r"(?:does not|doesn't) exist"

BACKING: tuple[Signature, ...] = (
    row(
        "schema_missing",
        "table|relation|column|migration|schema|database"
        "|can't locate revision",
        r"missing (?:(?:required|critical|database|mandatory|core|necessary|expected) "
        r"){0,3}tables?\b|\btables? (?:is |are )?(?:missing|absent)\b"
        r"|\btables? (?:verification|check|validation) (?:failed|error)\b…\bmissing\b",
        r"no such (?:table|column)\b|(?:undefined|unknown) ?(?:table|column)",
        rf"\b(?:relation|table|column) {_NAME} (?:of relation \S+ )?{_NOT_THERE}",
        rf"\bdatabase {_NAME} {_NOT_THERE}",
        rf"\btable {_NAME} (?:is )?(?:missing|absent|not found)",
        r"run (?:the )?migrations?\b|(?:pending|unapplied|missing) migrations?\b",
        r"migrations? (?:have |has )?not (?:been )?(?:run|applied)|can't locate revision",
        r"schema (?:is )?(?:missing|out of date|not found)",
    ),
    row(
        "database_down",
        "password authentication|access denied for user|database|postgres|mysql|mariadb|mongo"
        "|pgbouncer|hikari|jdbc|aurora|rds|db |db:|sqlstate|communications link|ora-|cloud sql"
        "|cloudsql|asyncpg|psycopg|operationalerror|queuepool|connection slots|too many clients"
        "|:5432|5432)|:3306|:27017|1433|1521|5432 |pool|acquire|acquiring|fetching a|port 5432"
        "|could not translate host name|connection to server at|could not connect to server"
        "|connect ",
        *ails(_DATABASE),
        r"(?:psycopg\w*|sqlalchemy|asyncpg)\S{0,40}\.\w*(?:Operational|Interface|Connection"
        r"|CannotConnect|Timeout)",
        r"(?<![\w.])(?!\w*clickhouse)[\w.]{0,60}OperationalError|QueuePool limit"
        r"|too many clients already|remaining connection slots",
        r"could not translate host name|connection to server at…failed|could not connect to server",
        r"connect‥[:, ](?:5432|3306|27017|1433|1521)\b|dial tcp \S+:(?:5432|3306|27017)\b",
        r"communications link failure|server selection timed? ?out|\bora-(?:12\d{3}|01017)\b"
        r"|sqlstate\W{0,3}(?:\[)?(?:08\w{3}|57p0\d|53300)",
        r"password authentication failed for user|access denied for user '|the database system is "
        r"(?:starting up|shutting down|in recovery)",
        r"(?:(?<!redis: )(?<!redis )connection |(?<!connection )(?<!redis ))pool (?:is "
        r")?(?:exhausted|timed? ?out|timeout)|unable to acquire (?:jdbc "
        r")?connection|timed out (?:fetching|waiting for|acquiring) (?:a )?(?:new )?(?:db "
        r"|database )?connection",
    ),
    row(
        "redis_down",
        "redis|valkey|elasticache|jedis|lettuce|memorystore|misconf|crossslot|:6379|6379)|without "
        "any password configured|noauth|wrongpass|max number of clients|retries per request",
        *ails(_REDIS),
        r"redis\.(?:asyncio\.)?exceptions\.\w+(?:Error|Exception)\b"
        r"|redis(?:connection|timeout|server)\w*(?:exception|error)\b",
        r"connect\w* (?:to )?\S{1,80}:6379|connect‥6379\)",
        r"without any password configured|\bNOAUTH\b|\bWRONGPASS\b|\bmisconf redis|\bloading redis "
        r"is|max number of clients reached|max retries per request",
    ),
    row(
        "clickhouse_down",
        "clickhouse",
        *ails(_CLICKHOUSE),
        r"clickhouse\w*\.(?:\w+\.){0,3}\w*(?:Error|Exception)\b|clickhouse\w*(?:Error|Exception)\b",
    ),
    row(
        "llm_quota",
        "quota|ratelimiterror|overloaded_error|billing|credit|resource_exhausted|resourceexhausted"
        "|rate limit|tokens per min|429"
        "|exhausted|per min|too many requests",
        rf"{_MODEL}…{_LIMIT}|{_LIMIT}…{_MODEL}",
        r"insufficient_quota|exceeded your current quota|RESOURCE_EXHAUSTED|tokens? per min|credit "
        r"balance is too low|billing hard limit|monthly (?:spend|budget) (?:limit|cap)",
    ),
    row(
        "llm_down",
        "llm|language model|openai|anthropic|gemini|vertex|claude|bedrock|mistral|cohere|ollama"
        "|model provider|model gateway|model endpoint|model server|model backend|model api"
        "|inference|overloaded|completion api|completions api|completion endpoint|completions "
        "endpoint|api key"
        "|none.ask_",
        rf"{_MODEL}[\w ()'\"]{{0,40}}?(?:is None\b|=\s?None\b|not (?:created|available|configured"
        rf"|initiali[sz]ed|set|found|injected)|missing|overloaded|no response)",
        rf"{_MODEL}…\b(?:no (?:\w+ ){{0,2}}keys? (?:found|set|given)|manager not created)\b",
        rf"\bno {_MODEL}‥|None\.ask_\w+|['\"]ask_llm['\"]",
        r"has no attribute ['\"\\]{0,2}\w*(?:ask_llm|llm_manager|llm_client)",
        *ails(_MODEL),
        r"llm[_ ](?:manager|client|provider|gateway)['\"]?\s*(?:is|=|:)\s*None\b"
        r"|llm_manager (?:is )?required",
        r"incorrect api key provided|overloaded_error|model [\w'\"./:-]{1,60} (?:is )?(?:not found"
        r"|does not exist|overloaded|not available|unavailable|has been (?:deprecated|retired))",
        rf"{_MODEL}…(?:returned|answered|status|http|error|failed with|code)\W{{1,3}}(?:http "
        rf")?5\d\d\b",
        rf"{_MODEL}…(?:authenticationerror|apiconnectionerror|apitimeouterror|serviceunavailable"
        rf"|internalservererror|notfounderror|permissiondenied)",
    ),
    row(
        "auth_service_down",
        "auth_|auth service|authentication |auth-|auth circuit|auth breaker|circuit_breaker|auth "
        "server|authz|authn|authorization |identity|idp|sso|keycloak|auth0|okta|cognito|login"
        "|sign-in|signin|token service|token server|token endpoint|oauth|oidc|jwks|://auth|://id"
        "|session service|auth backend|auth provider|auth api|token-|://account",
        *ails(_AUTH),
        rf"{_AUTH}[^{{}}\n]{{0,60}}?{_SILENT}",
        r"auth_service_(?:unreachable|unavailable|error|timeout|down|\w*fail)",
        rf"auth\w*[ _]circuit[ _]?breaker‥open|auth server (?:is )?{FAILS}",
        r"authentication service error",
    ),
)  # fmt: skip
