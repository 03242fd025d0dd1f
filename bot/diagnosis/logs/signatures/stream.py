"""What came back over the socket, or did not: events, time, agents."""

from bot.diagnosis.logs.signatures.signature import Signature, row

_TIME = r"\d+(?:\.\d+)?\s?(?:s|secs?|seconds?|ms|m|mins?|minutes?)\b"
_MESSAGE = (
    r"(?:events?|messages?|responses?|frames?|repl(?:y|ies)|welcome|data|completion|answers?|output"
    r"|agent\w*|pipeline)"
)
_LIFECYCLE = r"\w+_(?:started|thinking|executing|completed)"
# Fewer than there should be, as in 3/5; a pattern cannot compare numbers.
_FEWER = (
    r"(?:0\s?(?:/|of)\s?[1-9]|1\s?(?:/|of)\s?[2-9]|2\s?(?:/|of)\s?[3-9]|3\s?(?:/|of)\s?[4-9]"
    r"|4\s?(?:/|of)\s?[5-9])(?![\d.])"
)
_KIND = (
    r"(?:required|critical|expected|mandatory|websocket|agent|pipeline|lifecycle|business"
    r"|following)"
)
_NOT_THERE = r"(?:missing|not (?:received|found|sent|emitted|delivered|seen)|absent|never)"
_FORM = r"(?:structure|schema|format|contract|content|shape)"
_LIMIT = r"(?:limit|threshold|allowed|max\w*|slo\b|sla\b|budget|target)"

STREAM: tuple[Signature, ...] = (
    row(
        "events_missing",
        "missing|event|frame|message|not received|never received|not sent|never sent|not seen"
        "|never seen|not emitted|no agent_|no tool|assert '|assert \"|✗|❌|✘|×|never",
        rf"missing (?:the )?(?:\d+ (?:of|/) ?\d+ )?(?:{_KIND} )*events?\b|{_KIND} events? (?:is "
        rf"|are |was |were "
        rf")?{_NOT_THERE}",
        rf"\bno (?:{_KIND} )+events? (?:were |was )?(?:received|found|captured|emitted|sent"
        rf"|delivered|detected|seen)?(?!…(?:within|after \d|in \d|for \d|before))",
        r"expected (?:at least |all )?\d+ (?:\w+ )?events?…(?:got|received|found|saw) \d",
        r"(?:got|received|found|only) [0-4] (?:of|out of) \d+ (?:\w+ )?events?",
        rf"\bevents?\b[^\n\d]{{0,30}}{_FEWER}|{_FEWER} (?:\w+ )?events?\b",
        r"event ['\"`]?\w+['\"`]? (?:was |is )?(?:not|never|missing)(?! (?:required )?(?:field|key"
        r"|attr))",
        rf"\b{_LIFECYCLE}['\"`]?\s{{0,20}}[:=|]?\s{{0,20}}(?:[✗❌✘×]|missing\b|never\b)",
        rf"missing\W{{1,4}}(?:[\[{{(]\s*)?['\"]?{_LIFECYCLE}\b(?! missing)",
        rf"\b{_LIFECYCLE}['\"`]? (?:was |is )?(?:not|never) (?:received|seen|sent|emitted)|\bno "
        rf"(?:{_LIFECYCLE}|tool events?)\b(?!…(?:within|after \d|in \d|for \d|before))",
        rf"(?:never|not) (?:received|sent|emitted) ['\"`]?{_LIFECYCLE}|assert "
        rf"['\"]{_LIFECYCLE}['\"] in ",
        r"\bevents? (?:received|found|captured|seen|count)(?:(?: \w+){0,3}\W{1,4}(?:\[\s?\]|\{\s?\}"
        r"|none\b)|\W{1,4}0\b(?!\s?/\s?0))|CRITICAL EVENT LOST",
        r"\bmissing (?:\w+ ){0,3}?(?:socket|stream|wire)\W{1,3}\w+[._]\w+"
        r"|\bmissing\W{1,4}\w+[._](?:begin|end|started|start|finished|done|completed|call"
        r"|result)\b",
        r"tool events? (?:never|not|missing)|(?:missing|absent|lost|dropped) (?:frames?|messages?) "
        r"?[:(]|(?:frames?|messages?) (?:missing|lost|dropped|absent)\b|never (?:saw|got|received"
        r"|observed|arrived|emitted|sent|came)\b…\b(?:events?|frames?|message)\b|\b(?:terminal"
        r"|final|closing|completion|end|last) (?:event|frame|message) (?:never|did not|didn't|not"
        r"|missing|is missing|was not|absent)|without (?:an? |the |any )?(?:terminal|final|closing"
        r"|completion|tool) (?:event|frame)",
    ),
    row(
        "event_timeout",
        "no |without ",
        # A request over HTTP that is not answered is no silence on a stream.
        r"^(?![^\n]*\b(?:get|head|post|put|options) (?:https?://|/)\S[^\n]*\b(?:no|without)"
        r" (?:response|answer|reply)\b)[^\n]{0,400}?"
        rf"(?:\bno|without)(?: \w+){{0,3}} {_MESSAGE}\b…(?:within|after|in|for)(?: the)?(?: "
        rf"\w+)?\s{_TIME}",
    ),
    row(
        "event_timeout",
        "timeout|timed out|time out|gave up|giving up",
        r"(?:timed? ?out|timeout|gave up|giving up)(?: \w+){0,3} (?:waiting|listening"
        rf"|polling) (?:for|on) (?:\w+ ){{0,5}}?{_MESSAGE}",
        rf"{_MESSAGE}\b…\b(?:timed out|timeout)\b|\b(?:timeout|timed out)\b…\b(?:receiving|reading"
        rf"|for) (?:\w+ ){{0,3}}?{_MESSAGE}\b",
        r"recv(?:\(\))? (?:timed out|timeout)",
    ),
    row(
        "event_timeout",
        "did not|didn't|waited|waiting for|silence|nothing",
        rf"did(?: not|n't) (?:respond|answer|reply|complete|finish|(?:produce|send|emit|deliver"
        rf"|return) any \w+) (?:within|in|after) {_TIME}|\bwaiting for \w+\b…{_TIME}…(?:gave"
        rf"|giving) up",
        r"\bt ?\+ ?\d{1,6}\b…nothing (?:more|else|further)\b|nothing (?:more|else|further)\b"
        r"…(?:stopped|gave up|giving up|until)",
        rf"waited {_TIME}|silence (?:for|until)"
        rf"|(?:waited|waiting) for\b…\blast (?:frame|event|message)\b…{_TIME} ago",
        rf"{_TIME}…nothing (?:was )?(?:received|came|arrived)|nothing (?:was )?(?:received|came"
        rf"|arrived)…{_TIME}",
    ),
    row(
        "event_timeout",
        "ping|keep-alive|keepalive|heartbeat",
        r"(?:only|just|nothing but) (?:\w+ )?(?:pings?|keep-?alives?|heartbeats?)\b|(?:pings?"
        r"|keep-?alives?|heartbeats?)(?: frames?| messages?)? only\b",
    ),
    row(
        "timeout_error",
        "timeout|timed out|not completed after",
        r"\bTimeout(?:Error|Exception)\b|\bnot completed (?:after|within) \d|timeout of \d+ ?ms "
        r"exceeded|exceeded timeout of \d+|timed out \d+ ?ms "
        r"waiting for|timed out retrying after \d+|test timed out|timed out waiting for (?:the "
        r")?(?:condition|element|locator|selector|expect)",
    ),
    row(
        "contract_broken",
        "out of order|out-of-order|out of sequence|ordering|came before|arrived before|received "
        "before|came after|arrived after|wrong order|seq |zoderror|ajv|conform|required property"
        "|unknown field|extra field|additional propert|unexpected propert|extra propert|unknown "
        "propert|deserialize|unmarshal|decode|parse|structure|schema|format|contract|order"
        "|unexpected|mismatch|expected|duplicate|renamed|should be|must be|missing|lacks|unpaired"
        "|unmatched|unknown event|unknown frame|unknown message|validation error|assert '|assert \""
        "|sequence"
        "|unknown key|extra key|additional key|pact|two terminal|has no required|has no field"
        "|has no key",
        rf"(?:event|message|frame|payload|welcome)[\w' ]{{0,40}}?{_FORM}[\w ]{{0,20}}?(?:fail"
        rf"|invalid|mismatch|error|differs)",
        rf"unexpected (?:welcome|first|message|event|frame|response|handshake)[\w "
        rf"]{{0,20}}?(?:{_FORM}|type|order|name)?\b\s?[:(]",
        r"unexpected (?:welcome|event|message|frame) (?:message |event )?(?:format|type|shape|order"
        r"|name)",
        r"events? (?:\w+ )?(?:out of|in (?:the )?wrong|in an unexpected) order",
        r"(?:event|wrong) (?:order|sequence|ordering)\b…(?:violat|wrong|mismatch|fail|incorrect)",
        r"expected (?:\w+ ){0,3}?['\"]\w+['\"]…(?:got|received|was|but|found)…['\"]\w+['\"]",
        r"(?:first|next|last) (?:event|frame|message) (?:should|must|was expected to) be",
        r"(?:event|message|frame|payload|_started|_thinking|_executing|_completed)\b…(?:missing"
        r"|lacks|has no) (?:required )?(?:field|key|attribute)s?\b",
        r"(?:event|message) (?:type|name)s? (?:mismatch|differs?|changed|renamed)|event contract "
        r"(?:violat|broken)",
        r"(?:order|sequence|ordering) (?:check|assertion|violation|error)\b(?! (?:ok|passed))"
        r"|out[- ]of[- ](?:order|sequence)|[\w.]{2,40} (?:came|arrived|received|seen|sent) "
        r"(?:before|after) (?:its |the )?\w|wrong order|(?:seq|sequence)\w* (?:gap|jump|regress)",
        r"\bzoderror\b|\bajv\b…(?:error|must)|jsonschema\.\S*validation\w*|schema validation "
        r"(?:failed|error)|does not (?:match|conform to|satisfy) (?:the )?(?:\w+ )?(?:schema"
        r"|contract|spec\w*)|pact\b…fail|must have required property|(?:unexpected|unknown|extra"
        r"|additional|renamed) (?:field|property|key|attribute)s?\b|is not assignable to|failed to "
        r"(?:deserialize|decode|unmarshal|parse) (?:the )?(?:event|frame|message)",
        rf"unknown (?:event|frame|message)\b…\bexpected\W{{1,4}}{_LIFECYCLE}",
        r"unpaired|(?:duplicate|more than one|two) terminal|\b\d+ of \d+ (?:\w+ )?unmatched\b",
        r"validation errors? for \w*(?:event|message|frame|started|finished|completed|thinking"
        r"|executing|welcome)\b",
        r"assert ['\"][a-z]{1,30}_[a-z_]{1,30}['\"] == ['\"][a-z_]{1,40}['\"]",
    ),
    row(
        "too_slow",
        "%ile|budget|percentile|p95|p99|p(9|http_req_duration|over the limit|crossed|breached|took"
        "|latency|response time|duration|elapsed|slow|slo|sla|threshold|exceed|assert"
        "|(max|(limit|(allowed|(target|(expected|p90",
        rf"(?:took|latency|response[ _]time|duration|elapsed|answered in)…{_TIME}…(?:exceed"
        rf"|{_LIMIT}|>|above|(?:expected|should be) (?:under|below|less))",
        r"(?:latency|response time|slo|sla|performance|p9[59])\b…(?:exceed|violat|breach|too "
        r"(?:slow|high)|above|missed|over (?:the )?(?:limit|budget|threshold))",
        rf"(?:exceed\w*|over|above) (?:the )?(?:\w+ )?{_LIMIT}…{_TIME}|too slow\b|took too long",
        rf"{_TIME}\s?(?:>|exceeds|is over|is above|vs\.?|over)\s?(?:the )?(?:\w+ ){{0,3}}{_TIME}",
        r"assert \d+\.\d+ <=? \d+(?:\.\d+)?\s*$",
        rf"{_TIME} ?\((?:budget|limit|max\w*|allowed|target|slo|threshold"
        rf"|expected)\W{{0,3}}(?:{_TIME})?|(?:budget|limit|slo|threshold|max\w*) "
        rf"{_TIME}[\s,;(]{{1,3}}(?:actual|was|got|took"
        r"|measured)|over (?:the )?(?:budget|slo|limit)\b|(?:verdict|result|status)\W{1,3}(?:too "
        r")?slow\b",
        r"(?:percentile|response time|mean|p9[059]|latency|duration|http_req_duration)\b…: false\b"
        r"|thresholds? on metrics?…crossed|✗ p\(9\d\)|threshold (?:crossed|breached|failed)",
    ),
    row(
        "request_refused",
        "unknown |unsupported |unrecognized |unrecognised |undefined |unknown-|unsupported-|no "
        "such |unhandled |unknown_|unsupported_|undefined_|invalid_|invalid op|invalid action"
        "|invalid command|invalid method|method not found|method_not_found|-3260|invalid params"
        "|not supported|not known|not recognized|not implemented|not handled|cannot query field"
        "|schema|bad_request|is required|required field|missing field|missing property|missing "
        "parameter|missing key|missing required|is unknown|message type|request type|event type"
        "|unknown type|no handler|format_error|json_parse_error|handled\":|handled=|handled:"
        "|invalid message|invalid request|invalid payload|enter a message|unprocessable|unknown_"
        "|unrecognized|unrecognised|malformed|invalid_"
        "|invalid type|invalid kind|invalid verb|invalid topic",
        r"(?:unknown|unsupported|unrecogni[sz]ed|unhandled|invalid) (?:message|request|event"
        r"|command)?[ _]?type\b|no (?:message )?handler (?:for|registered|found)",
        r"\bFORMAT_ERROR\b|\bJSON_PARSE_ERROR\b|\bUNKNOWN_\w*TYPE\b|\bINVALID_(?:MESSAGE|REQUEST"
        r"|PAYLOAD)",
        r"(?:invalid|malformed) (?:message|request|payload)\b|please enter a message",
        r"unprocessable (?:entity|content)|\bhandled['\"]?\s?[:=]\s?(?:false|no)\b",
        r"\b(?:unknown|unsupported|unrecogni[sz]ed|invalid|undefined|no such|unhandled)[ "
        r"_-](?:op(?:code|eration)?|action|command|method|verb|intent|function|topic|channel|kind"
        r"|procedure|mutation|query|subscription)\b|\bmethod[ _]not[ _]found\b|-3260[012]\b"
        r"|invalid params\b|(?:op|operation|action|command|method|type) ['\"`]?\w+['\"`]? (?:is "
        r")?(?:not (?:supported|known|recogni[sz]ed|implemented|handled|allowed)|unknown"
        r"|unsupported)",
        r"cannot query field|unknown argument|(?:request|payload|body|command|message) (?:does not "
        r"match|fails|failed|did not pass|violates) (?:the )?(?:\w+ )?(?:schema|validation)"
        r"|bad_request‥(?:missing|required|unknown|invalid)",
        r"\b(?:request|payload|params|command)\b[^\n{}]{0,40}?(?:(?:field|property|parameter"
        r"|key)[^\n{}]{0,30}?(?:missing|required)|missing (?:required )?(?:field|property|parameter"
        r"|key))",
    ),
    row(
        "agent_failed",
        "recursion|iteration|step limit|max steps|max turns|tool call|stop condition|run |turn "
        "|task |node |graph |tool |planner|chain |run.|turn.|tool.|task.|node.|graph.|run_|turn_"
        "|tool_|task_|node_|agent|supervisor|orchestrat|stream|execution|workflow|registry",
        r"\bagent (?:['\"]?[\w-]{1,40}['\"]? )?(?:execution|run|task|pipeline"
        r"|workflow)?\s?(?:failed|error|crashed|died|aborted)\b",
        r"recursion ?(?:limit|error)‥(?:reached|exceeded|of \d+)|graphrecursion\w*|(?:max\w*"
        r"|iteration|step|tool call|turn)[ _](?:iterations|steps|turns|limit|tool "
        r"calls)\b‥(?:reached|exceeded|hit)|stopped due to (?:iteration|time|max)|without hitting "
        r"a stop condition",
        r"\b(?:run|turn|task|job|workflow|graph|node|step|tool|planner|chain)\b[\w "
        r".:'\"-]{0,40}?(?:→|->|=>|status\W{1,3}|state\W{1,3}|ended as|finished with) ?(?:status "
        r")?(?:failed|error(?:ed)?|crashed|aborted|dead)\b|\b(?:run|turn|tool|task|agent|node|graph"
        r"|chain)[._](?:failed|error|crashed|aborted)\b|\btool\b[\w '\"`.-]{0,40}?(?:raised|threw"
        r"|crashed|failed)\b",
        r"AGENT_\w*(?:ERROR|FAILED|NOT_FOUND)\b|error executing agent|agent death",
        r"\bagent ['\"]?[\w-]{1,40}['\"]? (?:was )?not (?:found|registered|available)",
        r"registry (?:size|count)\W{1,3}0\b|no agents? (?:are |is )?(?:registered|available)",
        r"(?<!test )(?<!query )(?<!script )(?:execution|supervisor|orchestrator|workflow|tool "
        r"dispatch\w*) (?:engine )?(?:failed|error|crashed|is None|not available|not "
        r"initiali[sz]ed)|\bstream(?:ing)? [\w-]{4,40} (?:error|failed)",
    ),
    row(
        "went_well",
        "operational|serving|ready to|successfully|start-up complete|startup complete|initialized "
        "in|initialised in|healthy|are ready|all phases|finalize complete"
        "|all systems|all services|all components|all endpoints|all dependencies",
        r"^(?!.*(?:fail|error|not |never|un(?:healthy|able)|before|until|wait|if |should|expect|✗"
        r"|❌)).*?(?:\ball (?:\w+ ){0,2}(?:services|systems|components|phases|dependencies"
        r"|endpoints) (?:are |is )?(?:\w+ )?(?:operational|healthy|ok|up|ready|complete\w*"
        r"|initiali[sz]ed|passed)\b|deployed and is serving|\bready to (?:serve|accept)\b|(?:run"
        r"|pipeline|agent|execution|flow|test|deployment|check)s?\b[^\n]{0,30}?\b(?:completed"
        r"|finished|succeeded|passed) successfully)",
    ),
    row(
        "mock_used",
        "dry run|dry-run|dryrun|replayed|hard-coded|hardcoded|recorded|mock|simulating|simulated"
        "|stub|dummy|canned|fake"
        "|back to simulat",
        r"\busing (?:a |an )?(?:mock|stub|dummy|fake|simulated)|\[MOCK\]|\bMock(?:WebSocket|Socket"
        r"|Client|Agent|LLM)",
        r"\bmock (?:websocket|socket|client|mode|server|response|connection|agent|fallback|event)",
        r"(?:--|\(|\[)\s?simulated\b|\bdry[- ]?run\b|\bwiremock\b|responses? (?:was |were |is |are "
        r")?(?:mocked|stubbed|faked|replayed)|(?:replayed|canned|hard-?coded|pre-?recorded) "
        r"(?:response|answer|reply|session|fixture|cassette|events?|frames?|traffic|data)",
        r"(?:falling|fall|fell) back to (?:a )?(?:mock|stub|dummy|simulat)",
        r"\bsimulat(?:ing|ed) (?!staging|env|oauth|(?:\w+ )?(?:error|failure|outage|time-?out"
        r"|latency|disconnect|crash|fault|loss))\w",
    ),
)  # fmt: skip
