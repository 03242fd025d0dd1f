"""A service that does not come up: configuration, code, order."""

from bot.diagnosis.logs.signatures.signature import Signature, row

# A setting's name as it is written in environments; the key of the exchange has rows of its own.
# Error codes look alike: they are told apart by how they begin or end.
_SETTING = (
    r"(?!\w*(?:BYPASS|SIMULATION)|NO_|INVALID_|MISSING_|\w+_(?:REQUIRED|FAILED|FOUND|ERROR|MISSING"
    r"|EXPIRED|UNAVAILABLE|INCOMPLETE|EXCEEDED|ABSENT)\b)[A-Z][A-Z0-9]*_[A-Z0-9_]{1,60}"
)
_ABSENT = (
    r"(?:is |are |was |were |has |have )?(?:not (?:been )?(?:set|configured|defined|found|provided"
    r"|present|available)|missing|required|empty|unset|undefined|must be set|absent)\b"
)

STARTUP: tuple[Signature, ...] = (
    row(
        "missing_config",
        "missing required|missing mandatory|missing critical|required env|required config"
        "|required secret|required setting|missing env|missing config|missing secret",
        r"missing (?:required |mandatory |critical )(?:config\w*|env\w*|settings?|secrets?"
        r"|variables?)"
        r"[^\n]{0,160}",
        r"missing (?:env\w*|config\w*|secrets?)(?: variables?| values?| "
        r"keys?)?\s*[:=]\s*[^\n]{1,160}",
        r"required (?:config\w*|env\w*(?: variables?)?|settings?|secrets?)\b[^\n]{0,80}?"
        r"(?:missing|not set|not configured|not found|not provided|absent|empty|unset)",
    ),
    row(
        "missing_config",
        "not set|not configured|not defined|not found|not provided|missing|required|empty|unset"
        "|undefined|must be set|not been set|not present|absent",
        rf"['\"`]?\b{_SETTING}\b['\"`]?[:\s-]{{1,3}}"
        rf"(?:env\w*(?: variable)? |config\w* |secret |setting )?(?-i:{_ABSENT})",
        case=True,
    ),
    row(
        "missing_config",
        "environment|env var|secret|setting|config",
        r"(?i:(?:env(?:ironment)? var(?:iable)?s?|secrets?|settings?|config\w*(?: values?| keys?)?)"
        r"['\"`:\s]{1,3}(?:(?:for|named|called) )?)['\"`]?\b"
        rf"{_SETTING}\b['\"`]?\s(?i:{_ABSENT})",
        r"(?i:missing|unset|undefined|no value for|no)\s(?i:(?:required )?(?:env\w*(?: variables?)?"
        rf"|config\w*|secrets?|settings?)[:\s]{{1,3}})['\"`]?{_SETTING}\b",
        case=True,
    ),
    row(
        "missing_config",
        "secret",
        r"secret[^\n]{0,80}?(?:not found in secret manager|not mapped|has no versions"
        r"|permission denied on secret)|no jwt secret|jwt secret (?:is )?(?:not|missing)"
        r"|(?:failed|unable) to (?:access|load|read) (?:the )?secret\b[^\n]{0,80}",
    ),
    row(
        "illegal_config",
        "contains localhost|configuration validation|config validation|invalid config|entropy"
        "|validation error|environment validation|improperlyconfigured|illegal config"
        "|configuration "
        "error|configerror"
        "|configurationerror|must be at least|misconfigur|invalid value for",
        r"contains localhost in \w+[^\n]{0,40}",
        r"(?:config\w*|environment|settings|secrets?) validation (?:failed|failure|error"
        r"|issue)\w*[^\n]{0,120}",
        r"(?:invalid|illegal|inconsistent) config\w*[^\n]{0,120}",
        r"(?:insufficient|too little|low) entropy",
        r"validation errors? for \w*(?:Settings|Config)\w*",
        r"ImproperlyConfigured|Config(?:uration)?Error\b[^\n]{0,120}|\bconfiguration "
        r"error\b[^\n]{0,80}",
        r"\b(?:SECRET|PASSWORD|KEY|TOKEN)\w* must be at least \d+",
        r"invalid value for (?:env\w* |setting |config\w* )[^\n]{0,80}",
    ),
    row(
        "deprecated_config",
        "deprecated",
        r"['\"`]?[A-Z][A-Z0-9]*_[A-Z0-9_]{1,60}['\"`]? is deprecated[^\n]{0,120}",
    ),
    row(
        "startup_failure",
        "startup|start-up|failed to start|failed to boot|lifespan|middleware setup|worker exiting"
        "|boot failed|boot aborted|bootstrap|startup:",
        r"(?:application |service |server |deterministic |critical |app )?start-?up (?:has )?"
        r"(?:failed|failure|aborted|halted|error|crashed)[^\n]{0,120}",
        r"failed to (?:start|boot)\b(?! and)[^\n]{0,80}|boot (?:failed|aborted)[^\n]{0,80}",
        r"lifespan[^\n]{0,30}(?:failed|error)|middleware setup (?:failed|failure"
        r"|error)[^\n]{0,120}",
        r"(?:aborting|halting|refusing) start-?up|\w*StartupError\b[^\n]{0,120}",
        r"bootstrap (?:failed|failure|error)",
    ),
    row(
        "not_listening",
        "failed to start and listen|startup probe|tcp probe|failed to listen|start and then listen",
        r"failed to start and (?:then )?listen[^\n]{0,120}|startup (?:tcp )?probe (?:failed"
        r"|failure)"
        r"[^\n]{0,80}|default startup tcp probe[^\n]{0,80}|failed to listen on[^\n]{0,60}",
    ),
    row(
        "startup_race",
        "did not reach|not ready|startup incomplete|startup_incomplete|start-up incomplete"
        "|startup not complete|startup is not complete|still starting|still initializing"
        "|startup_complete|no_app_state|not yet initialized|startup in progress|not fully started"
        "|not fully initialized|before startup|before start-up|warming up",
        r"(?:start-?up )?phase\s['\"`]?\w+['\"`]? did not reach[^\n]{0,100}",
        r"(?:service|server|app(?:lication)?(?: state)?|backend|socket layer) (?:is )?not (?:yet )?"
        r"ready\b[^\n]{0,80}",
        r"start-?up[ _](?:is )?(?:incomplete|not (?:yet )?complete\w*|in progress)[^\n]{0,60}"
        r"|STARTUP_INCOMPLETE",
        r"still (?:starting|initiali[sz]ing|warming)[^\n]{0,60}|warming up",
        r"startup_complete['\"\s:=]{1,5}false",
        r"not (?:yet |fully )(?:started|initiali[sz]ed)\b[^\n]{0,60}",
        r"before start-?up (?:was |is |had )?(?:complete|finished|done)\w*",
    ),
)
