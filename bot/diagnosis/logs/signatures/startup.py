"""A service that does not come up: configuration, code, order."""

from bot.diagnosis.logs.signatures.signature import Signature, row

# A setting's name as it is written in environments; the key of the exchange has rows of its own,
# and error codes, which look alike, are told apart by how they begin or end.
_SETTING = (
    r"(?!\w*(?:BYPASS|SIMULATION|IMPERSONAT|BACKDOOR)|(?:\w+_)?(?:E2E|QA|TEST|SYNTHETICS?|SMOKE"
    r"|CANARY|PROBE)_\w*(?:KEY|SECRET|TOKEN|CODE)\b|NO_|INVALID_|MISSING_|\w+_(?:REQUIRED|FAILED"
    r"|FOUND|ERROR|MISSING|EXPIRED|UNAVAILABLE|INCOMPLETE|EXCEEDED"
    r"|ABSENT)\b)[A-Z][A-Z0-9]*_[A-Z0-9_]{1,60}\b"
)
# The same in lower case: the key of a test login is no setting of a service.
_NO_TEST_KEY = (
    r"(?![`'\"]?(?:\w*(?:bypass|simulation|impersonat|backdoor)|(?:\w+_)?(?:e2e|qa|test|synthetics?"
    r"|smoke|canary|probe)_\w*(?:key|secret|token|code)\b))"
)
_ABSENT = (
    r"(?:is |are |was |were |has |have )?(?:not (?:been )?(?:set|configured|defined|found|provided"
    r"|present|available)|missing|required|empty|unset|undefined|must be set|absent)\b"
)
# What a program says that goes on with a value of its own.
_GOES_ON = r"[^\n]{0,12}\b(?:default|falling back|fallback|using|assuming|skipping)"
_WHAT = r"(?:env(?:ironment)? var(?:iable)?s?|config\w*(?: values?| keys?)?|secrets?|settings?)"

STARTUP: tuple[Signature, ...] = (
    row(
        "missing_config",
        "missing `|missing '|missing \"|missing secret|environment|env var|variable|config|secret"
        "|setting|property|parameter|placeholder|missing required|missing mandatory|missing "
        "critical|required env|required config|required secret|required setting|missing env"
        "|missing config|missing secret",
        rf"missing (?:required |mandatory |critical )(?:{_WHAT}|env\b|variables?)",
        rf"missing {_WHAT}\s*[:=]|missing env\s*[:=]",
        r"missing [`'\"]?\w{2,40}[`'\"]? for [`'\"]?\w+[`'\"]? environment"
        r"|(?<![\w-])(?:env(?:ironment)? variable|secret|setting|config(?:uration)? (?:key|value"
        r"|option|section|entry|path)|property|parameter) "
        rf"{_NO_TEST_KEY}[`'\"]?[\w.:-]{{2,60}}[`'\"]? (?:is |was |has )?(?:not (?:been )?(?:set"
        rf"|defined|configured|found|provided)|missing|required|empty|unset|undefined|blank)",
        r"could not resolve placeholder|secretkeyref‥not found"
        r"|secret [`'\"][\w./-]+[`'\"] not found"
        r"|couldn't find key \S+ in (?:secret|configmap)|createcontainerconfigerror|configmap "
        r"[`'\"][\w.-]+[`'\"] not found|missing credentials in config",
        rf"required {_WHAT}…(?:missing|not (?:set|configured|found|provided)|absent|empty|unset)",
    ),
    row(
        "missing_config",
        "not set|not configured|not defined|not found|not provided|missing|required|empty|unset"
        "|undefined|must be set|not been set|not present|absent",
        rf"(?<!name ['\"])(?<!ReferenceError: )\b{_SETTING}['\"`]?[:\s(-]{{1,3}}(?:env\w*(?: "
        rf"variable)? |config\w* |secret |setting )?{_ABSENT}(?!{_GOES_ON})",
        case=True,
    ),
    row(
        "missing_config",
        "environment|env var|secret|setting|config",
        rf"(?i:{_WHAT}['\"`:\s]{{1,3}}(?:(?:for|named|called) "
        rf")?)['\"`]?{_SETTING}['\"`]?\s(?i:{_ABSENT})",
        rf"(?i:missing|unset|undefined|no value for|no)\s(?i:(?:required "
        rf")?{_WHAT}[:\s]{{1,3}})['\"`]?{_SETTING}",
        case=True,
    ),
    row(
        "missing_config",
        "secret",
        r"secrets?/[\w/.-]{1,120} (?:was |is )?not found|secret…(?:not found in secret manager|not "
        r"mapped|has no versions|permission denied on secret)",
        r"no jwt secret|jwt secret (?:is )?(?:not|missing)",
        r"(?:failed|unable) to (?:access|load|read) (?:the )?secret\b",
    ),
    row(
        "illegal_config",
        "configuration is|configuration invalid|configuration rejected|bad config|unknown config"
        "|unknown setting|unknown option|parse config|load config|read config|loading config"
        "|parsing config|reading config|parse the config|load the config|load settings|settings"
        "|properties|_url|_uri|_host|_dsn|contains localhost|validation|invalid config|entropy"
        "|improperlyconfigured|config error|secret |illegal config|configuration error|configerror"
        "|configurationerror|must be at least|invalid value for|configuration issue|config issue"
        "|invalid environment|configuration problem|below|shorter|too short|less than"
        "|config problem|inconsistent config|is disabled|is destroyed|bind config|binding",
        r"contains localhost in \w+",
        r"(?:config\w*|environment|settings|secrets?) validation (?:failed|failure|error|issue)"
        r"|\bconfig\b…\bvalidation failed",
        r"invalid environment(?: variables?)?\s*:?\s*$",
        r"(?:invalid|illegal|inconsistent) config\w*|config\w* (?:issue|problem)s?:",
        r"\w*(?:secret|key|password)\w* (?:length |size |of |is ){0,2}\d* ?(?:is )?(?:below"
        r"|shorter than|too short|less than)",
        r"(?:insufficient|too little|low) entropy",
        r"validation errors? for \w*(?:Settings|Config)",
        r"ImproperlyConfigured|Config(?:uration)?Error\b(?!\s*$)|\bconfig(?:uration)? error\b"
        r"|secret\b…\bis (?:disabled|destroyed)\b",
        r"\b(?:SECRET|PASSWORD|KEY|TOKEN)\w* must be at least \d+",
        r"invalid value for (?:env|setting|config)|configuration (?:is )?(?:invalid|illegal|not "
        r"valid|rejected)|bad config\w*|unknown (?:config\w*|setting|option) (?:key|name|value)?"
        r"|(?:failed to|cannot|could not|error) (?:parse|load|read|bind)(?:ing)? (?:the "
        r")?(?:config\w*|settings|properties(?! of )|application\.ya?ml)",
        r"(?:database|redis|auth|base|api|service|public)_?(?:url|uri|host|dsn)\b…(?:points? (?:at"
        r"|to)|is|contains|refers to)…(?:localhost|127\.0\.0\.1|placeholder|example)",
    ),
    row(
        "missing_config",
        "keyerror"
        "|key not found: ",
        rf"KeyError: ['\"]{_SETTING}['\"]|key not found: ['\"]{_SETTING}['\"]",
        case=True,
    ),
    row(
        "illegal_config",
        " must |single space| cannot be| can't be| may not be|invalid |illegal |malformed |wrong "
        "|bad |parse |not a valid|is invalid"
        "| invalid| illegal| malformed",
        r"(?<![\w.])(?:(?!USER_|SUB)[A-Z][A-Z0-9]{1,20}(?:_[A-Z0-9]{1,20}){1,5}|ENVIRONMENT"
        r"|PORT)['\"`:]{0,2} (?:value )?(?:(?:must|cannot|can't|may not) (?:not )?(?:be|have|start"
        r"|contain|point|match|use)\b(?! (?:set|provided))|(?:is |has )?(?:an? )?(?:invalid"
        r"|malformed|illegal|single space|not a valid))",
        r"(?:invalid|illegal|malformed|wrong|bad|cannot parse|could not parse) (?:\w+ ){0,3}(?:in "
        r"|for |of )?['\"`]?(?!USER_|SUB|JSON"
        r"|HTTP)[A-Z][A-Z0-9]{1,20}(?:_[A-Z0-9]{1,20}){0,4}_(?:URL|URI|DSN|HOST|PORT|PATH|ENV|LEVEL"
        r"|TIMEOUT|SECRET|ID)\b",
        case=True,
    ),
    row(
        "deprecated_config",
        "deprecated",
        r"\b[A-Z][A-Z0-9]{0,30}_[A-Z0-9_]{1,60}['\"`]? is deprecated",
        case=True,
    ),
    row(
        "code_broken",
        "could not import module|error loading asgi|failed to find attribute|cannot load such file"
        "|uninitialized constant|classnotfound|noclassdef|nosuchmethoderror|unsatisfieddependency"
        "|beancreation|could not load file or assembly|typeload|fatal error|undefinedfunction"
        "|worker failed to boot|shared librar|undefined symbol|glibc|executable file not found"
        "|unresolved import|failed to load module|error loading|err_module_not_found"
        "|err_require_esm|unexpected token|unexpected identifier|does not provide an export|parse "
        "error|no such file|exec format error"
        "|failed to load |syntaxerror",
        r"could not import module|error loading asgi app|failed to find attribute|cannot load such "
        r"file|uninitialized constant|\b(?:classnotfoundexception|noclassdeffounderror"
        r"|nosuchmethoderror|unsatisfieddependencyexception|beancreationexception"
        r"|typeloadexception)\b",
        r"could not load file or assembly|php (?:fatal|parse) error|undefinedfunctionerror|worker "
        r"failed to boot|error while loading shared librar|undefined symbol:|glibc_\S+ not found"
        r"|(?<!driver\": )executable file not found in|err_module_not_found"
        r"|err_require_esm|does not provide an export named|exec format error|(?:exec"
        r"|entrypoint)\b…no such file or directory",
        r"syntaxerror: (?:unexpected (?:token|identifier|end)|invalid or unexpected|missing )"
        # What is no JSON is an answer, and no program.
        r"(?![^\n]{0,120}(?:json|<html|<!doctype))"
        r"|failed to load (?:the )?(?:plugin|extension|module)\b",
    ),
    row(
        "startup_failure",
        "crashloopbackoff|back-off restarting|exited with code|aborted!|could not start|cannot "
        "start|unable to start|error starting|refusing to start|startup|start-up|failed to start"
        "|failed to boot|lifespan|middleware setup|boot failed|boot aborted|bootstrap"
        "|error creating bean|application run failed|can't start|error start|aborting|halting",
        r"start-?up (?:has )?(?:failed|failure|aborted|halted|error|crashed)",
        r"failed to (?:start|boot)\b(?! and)|boot (?:failed|aborted)",
        r"lifespan…(?:failed|error)|middleware setup (?:failed|failure|error)",
        r"(?:aborting|halting|refusing) (?:to )?start|StartupError\b",
        r"bootstrap (?:failed|failure|error)|crashloopbackoff|back-off restarting failed container",
        r"(?:could not|cannot|can't|unable to|error) start(?:ing)? (?:the )?(?:application|server"
        r"|service|app|process|applicationcontext|container)|\b(?:rails|rake) aborted!",
        r"application run failed|error creating bean",
    ),
    row(
        "not_listening",
        "failed to start and listen|probe failed|startup probe|tcp probe|failed to listen|start "
        "and then listen",
        r"failed to start and (?:then )?listen|(?:readiness|liveness) probe failed‥(?:refused"
        r"|timeout|deadline)|startup (?:tcp )?probe (?:failed|failure)",
        r"default startup tcp probe(?! succeeded)|failed to listen on",
    ),
    row(
        "startup_race",
        "warm-up|warmup|loading|not loaded|readiness|bootstrapping|initializing|initialising"
        "|booting|not serving|starting up|start-up in progress|did not reach|not ready|startup "
        "incomplete|startup_incomplete|start-up incomplete|startup not complete|startup is not "
        "complete|still starting|still initializing|startup_complete|not yet initialized|startup "
        "in progress|not fully started|not fully initialized|before startup|before start-up"
        "|warming"
        '|=starting|: starting|:starting|"starting|until|while',
        r"(?:start-?up )?phase\s['\"`]?\w+['\"`]? did not reach",
        r"(?:service|server|app(?:lication)?(?: state)?|backend|socket layer) (?:is )?not (?:yet "
        r")?ready\b",
        r"start-?up[ _](?:is )?(?:incomplete|not (?:yet )?complete|in progress)",
        r"still (?:starting|initiali[sz]ing|warming|loading|booting|bootstrapping)"
        # What a line begins with is what whoever writes it does itself.
        r"|(?:\w[ :,(-]{1,2}|:\s?[\"'])warming up"
        r"|(?:warm-?up|boot(?:strap)?(?:ping)?|initiali[sz]ation|loading) (?:is )?(?:still "
        r"(?:running|in progress|under way)|in progress|not (?:yet )?(?:complete|done|finished"
        r"|over))",
        r"not (?:yet )?(?:ready|loaded|serving|warmed up)\b[\s:,(]{1,3}…(?:load|warm|start"
        r"|initiali[sz]|phase|migrat|boot)|(?:refus|reject|declin|clos)\w*…(?:until|while|because"
        r"|before)…(?:ready|start\w*|warm\w*|load\w*|initiali[sz]\w*)\b",
        r"(?:is|are|was|were) (?:not (?:yet )?loaded|starting up)\b|server is starting",
        r"startup_complete['\"\s:=]{1,5}false",
        r"\b(?:state|status|phase)['\"]?\s?[:=]\s?['\"]?(?:booting|starting(?:[ _]up)?"
        r"|initiali[sz]ing"
        r"|warming(?:[ _]up)?|bootstrapping)\b",
        r"not (?:yet |fully )(?:started|initiali[sz]ed)\b",
        r"before start-?up (?:was |is |had )?(?:complete|finished|done)",
    ),
)  # fmt: skip
