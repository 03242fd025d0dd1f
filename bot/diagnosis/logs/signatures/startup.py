"""A service that does not come up: configuration, code, order."""

from bot.diagnosis.logs.signatures.signature import Signature, row

# A setting's name as it is written in environments; the key of the exchange has rows of its own,
# and error codes, which look alike, are told apart by how they begin or end.
_SETTING = (
    r"(?!\w*(?:BYPASS|SIMULATION)|NO_|INVALID_|MISSING_|\w+_(?:REQUIRED|FAILED|FOUND|ERROR"
    r"|MISSING|EXPIRED|UNAVAILABLE|INCOMPLETE|EXCEEDED|ABSENT)\b)[A-Z][A-Z0-9]*_[A-Z0-9_]{1,60}\b"
)
_ABSENT = (
    r"(?:is |are |was |were |has |have )?(?:not (?:been )?(?:set|configured|defined|found"
    r"|provided|present|available)|missing|required|empty|unset|undefined|must be set|absent)\b"
)
_WHAT = r"(?:env(?:ironment)? var(?:iable)?s?|config\w*(?: values?| keys?)?|secrets?|settings?)"

STARTUP: tuple[Signature, ...] = (
    row(
        "missing_config",
        "missing required|missing mandatory|missing critical|required env|required config"
        "|required secret|required setting|missing env|missing config|missing secret",
        rf"missing (?:required |mandatory |critical )(?:{_WHAT}|env\b|variables?)",
        rf"missing {_WHAT}\s*[:=]",
        rf"required {_WHAT}…(?:missing|not (?:set|configured|found|provided)|absent|empty|unset)",
    ),
    row(
        "missing_config",
        "not set|not configured|not defined|not found|not provided|missing|required|empty|unset"
        "|undefined|must be set|not been set|not present|absent",
        rf"['\"`]?\b{_SETTING}['\"`]?[:\s-]{{1,3}}(?:env\w*(?: variable)? |config\w* |secret "
        rf"|setting )?{_ABSENT}",
        case=True,
    ),
    row(
        "missing_config",
        "environment|env var|secret|setting|config",
        rf"(?i:{_WHAT}['\"`:\s]{{1,3}}(?:(?:for|named"
        rf"|called) )?)['\"`]?{_SETTING}['\"`]?\s(?i:{_ABSENT})",
        rf"(?i:missing|unset|undefined|no value for"
        rf"|no)\s(?i:(?:required )?{_WHAT}[:\s]{{1,3}})['\"`]?{_SETTING}",
        case=True,
    ),
    row(
        "missing_config",
        "secret",
        r"secret…(?:not found in secret manager|not mapped|has no versions"
        r"|permission denied on secret)",
        r"no jwt secret|jwt secret (?:is )?(?:not|missing)",
        r"(?:failed|unable) to (?:access|load|read) (?:the )?secret\b",
    ),
    row(
        "illegal_config",
        "contains localhost|validation|invalid config|entropy|improperlyconfigured|illegal config"
        "|configuration error|configerror|configurationerror|must be at least|invalid value for",
        r"contains localhost in \w+",
        r"(?:config\w*|environment|settings|secrets?) validation (?:failed|failure|error|issue)",
        r"(?:invalid|illegal|inconsistent) config\w*",
        r"(?:insufficient|too little|low) entropy",
        r"validation errors? for \w*(?:Settings|Config)",
        r"ImproperlyConfigured|Config(?:uration)?Error\b|\bconfiguration error\b",
        r"\b(?:SECRET|PASSWORD|KEY|TOKEN)\w* must be at least \d+",
        r"invalid value for (?:env|setting|config)",
    ),
    row(
        "deprecated_config",
        "deprecated",
        r"\b[A-Z][A-Z0-9]{0,30}_[A-Z0-9_]{1,60}['\"`]? is deprecated",
        case=True,
    ),
    row(
        "startup_failure",
        "startup|start-up|failed to start|failed to boot|lifespan|middleware setup|boot failed"
        "|boot aborted|bootstrap",
        r"start-?up (?:has )?(?:failed|failure|aborted|halted|error|crashed)",
        r"failed to (?:start|boot)\b(?! and)|boot (?:failed|aborted)",
        r"lifespan…(?:failed|error)|middleware setup (?:failed|failure|error)",
        r"(?:aborting|halting|refusing) start-?up|StartupError\b",
        r"bootstrap (?:failed|failure|error)",
    ),
    row(
        "not_listening",
        "failed to start and listen|startup probe|tcp probe|failed to listen|start and then listen",
        r"failed to start and (?:then )?listen|startup (?:tcp )?probe (?:failed|failure)",
        r"default startup tcp probe|failed to listen on",
    ),
    row(
        "startup_race",
        "did not reach|not ready|startup incomplete|startup_incomplete|start-up incomplete"
        "|startup not complete|startup is not complete|still starting|still initializing"
        "|startup_complete|not yet initialized|startup in progress|not fully started"
        "|not fully initialized|before startup|before start-up|warming up",
        r"(?:start-?up )?phase\s['\"`]?\w+['\"`]? did not reach",
        r"(?:service|server|app(?:lication)?(?: state)?|backend"
        r"|socket layer) (?:is )?not (?:yet )?ready\b",
        r"start-?up[ _](?:is )?(?:incomplete|not (?:yet )?complete|in progress)",
        r"still (?:starting|initiali[sz]ing|warming)|warming up",
        r"startup_complete['\"\s:=]{1,5}false",
        r"not (?:yet |fully )(?:started|initiali[sz]ed)\b",
        r"before start-?up (?:was |is |had )?(?:complete|finished|done)",
    ),
)  # fmt: skip
