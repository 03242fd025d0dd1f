"""A service that does not come up: configuration, code, order."""

from bot.diagnosis.logs.signatures.signature import Signature, row

# A setting's name as it is written in environments; the key of the exchange has rows of its own.
# Error codes look alike: they are told apart by how they begin or end.
_SETTING = (
    r"(?!\w{0,30}(?:BYPASS|SIMULATION)|NO_|INVALID_|MISSING_|\w{1,30}_(?:REQUIRED|FAILED|FOUND"
    r"|ERROR|MISSING"
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
        r"missing (?:required |mandatory |critical )(?:config\w{0,30}|env\w{0,30}|settings?"
        r"|secrets?"
        r"|variables?)"
        r"[^\n]{0,160}",
        r"missing (?:env\w{0,30}|config\w{0,30}|secrets?)(?: variables?| values?| "
        r"keys?)?\s*[:=]\s*[^\n]{1,160}",
        r"required (?:config\w{0,30}|env\w{0,30}(?: variables?)?|settings?|secrets?)\b[^\n]{0,80}?"
        r"(?:missing|not set|not configured|not found|not provided|absent|empty|unset)",
    ),
    row(
        "missing_config",
        "not set|not configured|not defined|not found|not provided|missing|required|empty|unset"
        "|undefined|must be set|not been set|not present|absent",
        rf"['\"`]?\b{_SETTING}\b['\"`]?[:\s-]{{1,3}}"
        rf"(?:env\w{{0,30}}(?: variable)? |config\w{{0,30}} |secret |setting )?(?-i:{_ABSENT})",
        case=True,
    ),
    row(
        "missing_config",
        "environment|env var|secret|setting|config",
        r"(?i:(?:env(?:ironment)? var(?:iable)?s?|secrets?|settings?|config\w{0,30}(?: values?| "
        r"keys?)?)"
        r"['\"`:\s]{1,3}(?:(?:for|named|called) )?)['\"`]?\b"
        rf"{_SETTING}\b['\"`]?\s(?i:{_ABSENT})",
        r"(?i:missing|unset|undefined|no value for|no)\s(?i:(?:required )?(?:env\w{0,30}(?: "
        r"variables?)?"
        rf"|config\w{{0,30}}|secrets?|settings?)[:\s]{{1,3}})['\"`]?{_SETTING}\b",
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
        r"contains localhost in \w{1,30}[^\n]{0,40}",
        r"(?:config\w{0,30}|environment|settings|secrets?) validation (?:failed|failure|error"
        r"|issue)\w{0,30}[^\n]{0,120}",
        r"(?:invalid|illegal|inconsistent) config\w{0,30}[^\n]{0,120}",
        r"(?:insufficient|too little|low) entropy",
        r"validation errors? for \w{0,30}(?:Settings|Config)\w{0,30}",
        r"ImproperlyConfigured|Config(?:uration)?Error\b[^\n]{0,120}|\bconfiguration "
        r"error\b[^\n]{0,80}",
        r"\b(?:SECRET|PASSWORD|KEY|TOKEN)\w{0,30} must be at least \d{1,9}",
        r"invalid value for (?:env\w{0,30} |setting |config\w{0,30} )[^\n]{0,80}",
    ),
    row(
        "deprecated_config",
        "deprecated",
        r"['\"`]?[A-Z][A-Z0-9]*_[A-Z0-9_]{1,60}['\"`]? is deprecated[^\n]{0,120}",
        case=True,
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
        r"(?:aborting|halting|refusing) start-?up|\w{0,30}StartupError\b[^\n]{0,120}",
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
        r"(?:start-?up )?phase\s['\"`]?\w{1,30}['\"`]? did not reach[^\n]{0,100}",
        r"(?:service|server|app(?:lication)?(?: state)?|backend|socket layer) (?:is )?not (?:yet )?"
        r"ready\b[^\n]{0,80}",
        r"start-?up[ _](?:is )?(?:incomplete|not (?:yet )?complete\w{0,30}|in progress)[^\n]{0,60}"
        r"|STARTUP_INCOMPLETE",
        r"still (?:starting|initiali[sz]ing|warming)[^\n]{0,60}|warming up",
        r"startup_complete['\"\s:=]{1,5}false",
        r"not (?:yet |fully )(?:started|initiali[sz]ed)\b[^\n]{0,60}",
        r"before start-?up (?:was |is |had )?(?:complete|finished|done)\w{0,30}",
    ),
)
