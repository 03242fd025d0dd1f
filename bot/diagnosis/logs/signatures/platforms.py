"""What proxies, platforms, frameworks and libraries say in words of their own."""

from bot.diagnosis.logs.signatures.signature import Signature, row

_NOT = r"(?:not|never|n't|no)"
_PART = (
    r"(?:agents?|models?|graphs?|tools?|workers?|registry|supervisor|services?|server|app\w*|system"
    r"|dispatcher|router|handlers?|broker|scheduler|bus|orchestrator|gateway|hub|runtime)"
)

PLATFORMS: tuple[Signature, ...] = (
    row(
        "upstream_failed",
        "upstream|no available server|no server is available|backend fetch failed|default backend"
        "|application error|bad gateway|gateway timeout|service unavailable|http error 50",
        r"no healthy upstream|upstream connect error|upstream prematurely closed|no live upstreams"
        r"|connect\(\) failed‥upstream|upstream (?:server )?(?:returned|sent)‥50\d",
        r"no available server|no server is available to handle|backend fetch failed|default "
        r"backend - 50\d|application error‥(?:occurred|h1\d)|\bhttp error 50[0-4]\b",
    ),
    row(
        "nothing_there",
        "unexpected server response|unexpected response|rejected websocket|expected 101|expected "
        "status|://|switch protocols|upgrade protocols",
        r"unexpected (?:server )?response(?: code)?: (?:200|30[1278])\b|rejected websocket "
        r"connection: http (?:200|30[1278])\b|expected (?:status )?101\b|did not (?:switch"
        r"|upgrade) protocols?",
        r"\bwss?://\S+ (?:->|→|=>|answered|answers|returned|gave|:)? ?(?:http )?(?:200|30[1278])\b",
    ),
    row(
        "nothing_there",
        "deployment_not_found|deployment could not be found|no such app|site not found|project not"
        "|default backend - 404|no route matches|cannot get /|cannot post /|route not found|no "
        "matching route|welcome to nginx|parked|nosuchbucket|page not found|endpoint not found"
        "|path not found|unknown path|no handler for path|domain is for sale|unknown host header"
        "|misdirected|expected host|wrong host|wrong environment|wrong target|wrong cluster|points "
        "at|points to|pointing at|pointing to"
        "|no route for|no route found|no route matched|cannot put /|cannot delete /"
        "|wrong region|wrong base|app not found",
        r"deployment_not_found|(?:deployment|site|app|project) (?:could )?not (?:be )?found|no "
        r"such app\b|default backend - 404|welcome to nginx|nosuchbucket|domain is (?:for sale"
        r"|parked)|misdirected request",
        r"no (?:matching )?route (?:matches|matched|for|found)|no matching route|\bcannot (?:get"
        r"|post|put|delete) /|(?:route|path|endpoint|page) not found|unknown path\b|no handler for "
        r"path",
        r"(?:base[ _]?url|target|host|endpoint|api|environment|env|url)\b…(?:points?|pointing"
        r"|resolves|aimed) (?:at|to) (?:the )?(?:prod\w*|dev\w*|local\w*|another|other|wrong|old)"
        r"|wrong (?:host|environment|target|cluster|region|base url)\b",
    ),
    row(
        "startup_race",
        "not initialised|not initialized|starting|not loaded|not warmed|initialising|initializing"
        "|booting",
        rf"(?:\b|_){_PART} (?:is |are )?(?:not (?:yet )?(?:initiali[sz]ed|loaded|warmed"
        rf"|registered yet|started)|(?:still )?(?:starting|initiali[sz]ing|booting)\b)",
    ),
    row(
        "missing_config",
        "required|invalid environment|field required|not provided|must be provided|no value",
        r"invalid environment variables?|(?:config\w*|settings?"
        r"|env\w*)\b[^\n]{0,60}?\brequired\b[^\n]{0,20}?(?:not (?:provided|set|given)|missing)"
        r"|(?:config\w*|settings?|env\w*)\W{1,3}[^\n]{0,40}?(?:is required|was not provided|must "
        r"be provided|has no value)",
    ),
    row(
        "llm_down",
        "model |model_|modelnotfound|modelerror|model_not",
        r"\bmodels? [\"'`]?[\w./:-]{2,60}[\"'`]? (?:does not exist|not found|is not (?:available"
        r"|supported|loaded)|is (?:overloaded|deprecated|offline)|was (?:not found|retired"
        r"|removed))",
        r"access to the model\b|model[_ ]?(?:not[_ ]?(?:found|available|ready|loaded)|unavailable)"
        r"|modelnotfound\w*|model (?:server|backend|endpoint|provider|gateway) (?:is )?(?:down"
        r"|offline|unreachable)",
    ),
    row(
        "llm_quota",
        "aiplatform|generativelanguage|resourceexhausted|insufficient_quota|tokens per|tpm|rpm",
        r"(?:aiplatform|generativelanguage)\.googleapis…(?:quota|exceeded|429)|(?:quota"
        r"|429)\b…(?:aiplatform|generativelanguage)|\b(?:tpm|rpm)\b…(?:limit|exceeded|reached)"
        r"|(?:limit|exceeded|reached)…\((?:tpm|rpm)\)",
    ),
    row(
        "no_answer",
        "err_connection|err_timed|err_empty|err_network|request aborted|aborterror|operation was "
        "aborted|no reply|went away|stalled",
        r"net::err_(?:connection_(?:timed_out|reset|closed|aborted)|timed_out|empty_response)"
        r"|aborterror: (?:the|this) operation was aborted|no reply (?:from|within|after)",
    ),
    row(
        "subprotocol_refused",
        "sec-websocket-protocol|requested protocol|supports protocol|requested protocols|protocol "
        "mismatch|server supports|unsupported protocol|protocols offered|offered protocols"
        "|offered protocol|server support",
        r"sec-websocket-protocol…no response|(?:requested|offered) protocols?\b…(?:but|server"
        r"|supports?|none|not|closing)|server supports? \[?[\"']?[\w.-]+[\"']?\]?[;,]? (?:clos|but "
        r"client|only)|none of the (?:offered|requested) protocols",
    ),
    row(
        "quota_exceeded",
        "at most|no more than|only allowed|maximum of|limit is|up to"
        "|only ",
        r"(?:at most|no more than|only|up to|maximum of|limit (?:is|of)) \d+ (?:\w+ "
        r"){0,2}(?:connections?"
        rf"|sessions?|sockets?|streams?|tabs?|devices?)\b(?! (?:were|was|are|is) {_NOT})",
    ),
    row(
        "agent_failed",
        "crewai|autogen|langgraph|langchain|llamaindex|planner|crew|agentexecutor|tool"
        "|llama_index",
        r"\b(?:crewai|autogen|langgraph|langchain|llama_?index|agentexecutor"
        r"|semantic_kernel)\b…(?:failed|error|exception|raised|limit)",
    ),
    row(
        "runner_crashed",
        "image pull|imagepull|errimagepull|system failure|prepare environment|no runners|agent lost"
        "|runner system|could not read from remote repository|checkout failed|artifact"
        "|no runner|no online runner",
        r"image pull failed|imagepullbackoff|errimagepull|job failed \(system failure\)|runner "
        r"system failure|prepare environment:|could not read from remote repository|no (?:online "
        r")?runners? (?:available|online)",
    ),
    row(
        "nothing_there",
        "prod|production|staging url|stage_url|base_url|fallback|is not a staging|is not an allowed"
        "|is not a test|unexpected token|html|not a permitted|environment guard|host guard"
        "|is not ",
        r"unexpected token '?<|(?:not|n't) (?:return|valid|get|receive)\w* (?:any |valid "
        r")?json\b…(?:text/)?html"
        r"|\bis not (?:an? |the )?(?:staging|stage|test|qa|allowed|permitted|expected) (?:host|url"
        r"|environment|target|domain)\b|(?:environment|host|target) guard\b…(?:is not|refus"
        r"|reject)",
        r"fall(?:ing|s|en)? back to (?:prod\w*|localhost|the default (?:url|host|target))",
        r"(?:may|must|can|should|will)(?: ?not|n't) run against (?:prod\w*|this)|refus\w+ to run\b"
        r"…\bagainst\b",
    ),
    row(
        "contract_broken",
        "lacks|property|expected order|sequence|renamed|client expects|consumer|schema"
        "|expects|has no |misses",
        r"(?:frame|event|message|payload)\b…(?:lacks|without|misses|has no) (?:the )?(?:required "
        r")?(?:property|field|key|attribute)\b",
        r"expected (?:order|sequence)\b…(?:got|was|saw|received|actual)|(?:client|consumer|test"
        r"|reader) expects\b…(?:but|got|server|instead|frame)|(?:frame|event|message)\b…(?:client"
        r"|consumer|test|reader) expects\b",
    ),
    row(
        "events_missing",
        "missing|not delivered|never|absent|lost"
        "|undelivered",
        r"(?:frames|events|messages) (?:seen|received|got|so far)\b…\bmissing\b|\bevents?\b…(?:not "
        r"delivered|undelivered|never delivered|got lost)",
    ),
    row(
        "request_refused",
        "bad_frame|bad frame|bad_request|bad_message|must be a|must be an|bad message|malformed_"
        "|bad_payload|bad_input|bad_command|bad command",
        r"\bbad_(?:frame|message|command|payload|input|request)\b|\bmalformed_\w+|bad (?:frame"
        r"|message|command)\b",
    ),
    row(
        "library_misused",
        "option|argument|flag|usage:",
        r"\b(?:curl|wget|websocat|wscat|npm|node|npx|grpcurl|httpie|k6)\b[^\n]{0,60}?(?:option|flag"
        r"|argument)\b[^\n]{0,40}?(?:is unknown|unknown|unrecogni[sz]ed|requires)|unrecogni[sz]ed "
        r"(?:option|flag) ",
    ),
    row(
        "runner_crashed",
        "shared object|browser has been closed|page, context|browser closed|.so"
        "|target closed|has been closed",
        r"cannot open shared object file|(?:page, context or browser|browser) has been closed"
        r"|browser closed unexpectedly|target closed",
    ),
    row(
        "startup_race",
        "boot phase|registry is empty|phase|empty registry|not registered yet|boot step|startup "
        "step|start-up step|boot stage|startup stage|start-up stage|init step|too early|accepted "
        "before|opened before|served before|requested before|called before|used before"
        "|state=starting|state: starting"
        "|init stage",
        r"phase (?:was )?not (?:yet )?reached\b|boot phase \d"
        r"|(?:start-?up|boot|init\w*) (?:phase|stage|step) [^\n]{0,20}?(?:of \d|\d/\d)"
        r"|registry is (?:still )?empty|(?:socket|connection|listener)s? (?:was |were )?(?:accepted"
        r"|opened|served) (?:too early|before)|(?:requested|called|used) before (?:\w+ "
        r")?(?:application\w*|app|server|context|startup)ready\w*|state\W{1,2}starting\b",
    ),
    row(
        "too_slow",
        "allowed|permitted|objective|breach|ceiling|time to first|ttfb"
        "|slo |sla ",
        r"(?:time to first \w+|ttfb|duration|latency"
        r"|took)\W{1,3}\d[\d.]*\s?m?s\b[^\n]{0,20}?(?:allowed|permitted|objective|ceiling|target"
        r"|budget|limit)|\b(?:slo|sla|objective) (?:breach\w*|miss\w*|violat\w*)",
    ),
)  # fmt: skip
