"""What libraries and build tools of single languages say, in the words that are built into them."""

from bot.diagnosis.logs.signatures.signature import Signature, row

_BEARER = r"(?:token|jwt|bearer|credentials?|authori[sz]ation(?: header)?)"

LIBRARIES: tuple[Signature, ...] = (
    row(
        "schema_missing",
        "not up to date|migrations are pending|pendingmigration|not applied to database|p2021"
        "|p2022|42p01|42s02|no_such_table|error 1146"
        "|not applied to",
        r"target database is not up to date|migrations are pending|pendingmigrationerror"
        r"|migrations? not applied to (?:the )?database",
        r"\bp202[12]\b|\b(?:sqlstate|error)\b\W{0,4}(?:42p01|42s02|1146)\b|er_no_such_table",
    ),
    row(
        "token_absent",
        "must be provided|missing token|missing jwt|missing access token|missing bearer token"
        "|missing auth token|neither"
        "|missing auth jwt|missing bearer jwt|missing access jwt",
        r"\bjwt must be provided",
        # A field of another name, and a token of another kind, are no token of a user.
        r"(?<!is )(?<!claim )\bmissing (?:auth |access |bearer )?(?:token|jwt)\b(?![_=]| (?:type"
        r"|claim|secret|service|endpoint|url|key|for (?:the )?(?:registry|repo)))",
        rf"(?:carr\w+|has|had|ha(?:s|d) sent|contain\w*|came with|sent) neither\b…{_BEARER}",
    ),
    row(
        "token_refused",
        "validation failed|securitytoken|claim",
        r"\bclaim ['\"]?(?:aud|iss|sub|exp|nbf|iat|env|jti|type|token_type|svc_id)['\"]?"
        r"[^\n]{0,80}?\b(?:want|wanted|expected|must|instead)\b",
        r"\b(?:audience|issuer|signature) validation failed|securitytoken(?:invalid|signature|no"
        r"|malformed)\w*exception",
    ),
    row(
        "token_expired",
        "validation failed|securitytokenexpired",
        r"\blifetime validation failed|securitytokenexpiredexception",
    ),
    row(
        "auth_service_down",
        "rpc error|connectionpool"
        "|host='",
        # Whom a pool of connections is to is who did not answer, where it is no loopback.
        r"host='(?:auth|login|sso|idp|identity|token|accounts?)[\w.-]{0,80}'…(?:read timed"
        r" out|connect ?timeout|connection refused)",
        r"\b(?:[\w.]{0,60}\.)?(?:auth|identity|token|login|session)\w*(?:\.\w{1,60})?/\w{1,60}: "
        r"rpc error: code = (?:unavailable|deadlineexceeded)",
    ),
    row(
        "service_identity_refused",
        "service id|service_id|service name|service identity|client id|client_id|service cred"
        "|service token|service secret|service key|client name|client_name|service_name"
        "|service_token|service_secret|service_key",
        r"\b(?:unknown|invalid|unrecogni[sz]ed|unregistered|bad) (?:service|client)[ _](?:id|name"
        r"|identity)\b|\b(?:unknown|invalid|bad|wrong|missing) service[ _](?:credentials?|token"
        r"|secret|key)\b",
    ),
    row(
        "database_down",
        "connection from",
        r"(?:acquir|obtain|get|fetch|borrow)\w* (?:an? )?(?:db |database )?connection from"
        r" (?:the )?(?:\w+ )?pool\b",
    ),
    row(
        "auth_service_down",
        "auth /|auth-service /|auth service /|auth: /|auth-server /|auth server /|service: /"
        "|server: /"
        "|auth server /|auth_server /|auth_service /",
        r"\bauth(?:[ _-](?:service|server))?:? /(?:health\w*|ready\w*|live\w*)\b[^\n\w]{1,40}"
        r"(?:timeout|timed out|refused|no (?:answer|response|reply)|unreachable|down\b)",
    ),
    row(
        "llm_down",
        "api.openai|api.anthropic|api.mistral|api.cohere|x-api-key",
        r"\bapi\.(?:openai|anthropic|mistral|cohere)\.\w{2,3}\b…"
        r"\b(?:40[13]|5\d\d)\b"
        r"|\b(?:40[13]|5\d\d)\b…\bapi\.(?:openai|anthropic|mistral|cohere)\.\w{2,3}\b"
        r"|invalid x-api-key",
    ),
    row(
        "no_answer",
        "no bytes|no data|no byte",
        r"\bno (?:bytes?|data) (?:after|within|in|for|received|came)\b",
    ),
    row(
        "missing_config",
        "both unset|both empty|both missing|is required but|are unset|are missing",
        r"\b\w{1,40}_\w{1,60} (?:and|or) \w{1,40}_\w{1,60} (?:are )?(?:both )?(?:unset|empty"
        r"|missing)\b"
        r"|(?:flag|option) --?\w[\w-]{1,60} is required but\b",
    ),
    row(
        "events_missing",
        "not observed|never observed|unobserved",
        r"\b(?:not|never) observed\W{1,4}\w{1,40}_(?:started|thinking|executing|completed)\b",
    ),
    row(
        "event_timeout",
        "timeout >|recv()",
        r"timeout >\s?\d[^\n]{0,80}\brecv\(\)",
    ),
    row(
        "nothing_there",
        "github pages site|there is nothing here|no such site",
        r"there isn't a github pages site here",
    ),
    # What Apple's own client says, by the numbers of its errors.
    row(
        "tls_failed",
        "nsurlerrordomain|certificate for this",
        r"nsurlerrordomain code=-120[0-6]\b|certificate for this server is (?:invalid|not valid)",
    ),
    row(
        "dns_failed",
        "nsurlerrordomain|specified hostname",
        r"nsurlerrordomain code=-100[36]\b|server with the specified hostname could not be found",
    ),
    row("no_answer", "nsurlerrordomain", r"nsurlerrordomain code=-100[15]\b"),
    row("connection_refused", "nsurlerrordomain", r"nsurlerrordomain code=-1004\b"),
    row(
        "runner_crashed",
        "download action",
        r"(?:unable|failed|could not) (?:to )?download actions?\b",
    ),
    row(
        "quota_exceeded",
        "already holds|already has|already have",
        r"already (?:holds?|has|have) (\d{1,4})/\1 (?:\w+ )?(?:managers?|connections?|sessions?"
        r"|sockets?|streams?)\b",
    ),
    row(
        "connection_refused",
        "connectionerror",
        r"connectionerror\b…\brefused\b",
    ),
    row(
        "clickhouse_down",
        "db::",
        r"\bcode: \d{1,4}\. db::\w*exception\b",
    ),
    row(
        "runner_crashed",
        "xvfb|enoent|git' failed|overwritten by checkout|could not read username|remote ref",
        r"\bxvfb (?:exited|failed)|\bspawn \S{1,80} enoent|process '\S{0,80}git(?:\.exe)?' failed"
        r"|would be overwritten by checkout|fatal: could not read (?:username|password)|couldn't"
        r" find remote ref",
    ),
    row(
        "dns_failed",
        "lookup ",
        r"\blookup [\w.-]{1,120}(?: on [\w.:\[\]]{1,60})?: (?:server misbehaving|i/o timeout"
        r"|read udp|no answer)",
    ),
    row(
        "tls_failed",
        "subject alternative|peer certificate|peerunverified|certificatenamemismatch"
        "|certificatechainerrors|notvalidforname|handshake_failure"
        "|sslhandshake|fatal alert",
        r"no subject alternative (?:dns )?names?\b|sslpeerunverifiedexception|invalid peer "
        r"certificate|remotecertificate(?:namemismatch|chainerrors)|notvalidforname",
        r"sslhandshakeexception|received fatal alert: (?:handshake_failure|certificate_\w+)",
    ),
    row(
        "test_broken",
        "_test.go|build failed|setup failed|/test/|tests/|tests.cs|test.cs",
        r"_test\.go:\d{1,5}:\d{1,4}: (?:undefined|cannot use|not enough|too many|undeclared|missing"
        r"|declared and not used|\"[^\"]{1,80}\" imported and not used|syntax error|no required "
        r"module)",
        # The tests' own folder, as Maven, Cargo and .NET name it with the place of an error.
        r"/src/test/\S{1,160}\.(?:java|kt|scala)[:\[]{1,2}\d…(?:cannot find symbol|does not exist"
        r"|error:|unresolved reference|incompatible types)"
        r"|tests?\.cs\(\d{1,5},\d{1,4}\): error cs\d{4}",
    ),
    row(
        "no_answer",
        "no response|no answer|no reply|without response|without an answer",
        r"\b(?:get|head|post|put|options) (?:https?://|/)\S{1,160}[^\n]{0,40}?\b(?:no|without an?) "
        r"(?:response|answer|reply)\b",
    ),
)  # fmt: skip
