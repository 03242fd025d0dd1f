"""What came back over the socket, or did not: events, time, agents."""

from bot.diagnosis.logs.signatures.signature import Signature, row

_TIME = r"\d+(?:\.\d+)?\s?(?:s|secs?|seconds?|ms|m|mins?|minutes?)\b"
_MESSAGE = (
    r"(?:events?|messages?|responses?|frames?|repl(?:y|ies)|welcome|data|completion|answers?"
    r"|output|agent\w*|pipeline)"
)
_LIFECYCLE = r"\w+_(?:started|thinking|executing|completed)"
# Fewer than there should be, as in 3/5; a pattern cannot compare numbers.
_FEWER = r"(?:0\s?/\s?[1-9]|1\s?/\s?[2-9]|2\s?/\s?[3-9]|3\s?/\s?[4-9]|4\s?/\s?[5-9])(?![\d.])"
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
        "missing|event|frame|message",
        rf"missing (?:the )?(?:{_KIND} )*events?\b|{_KIND} events? (?:is |are |was "
        rf"|were )?{_NOT_THERE}",
        rf"\bno (?:{_KIND} )+events? (?:were |was )?(?:received|found|captured|emitted|sent"
        rf"|delivered"
        r"|detected|seen)?(?!…(?:within|after \d|in \d|for \d|before))",
        r"expected (?:at least |all )?\d+ (?:\w+ )?events?…(?:got|received|found|saw) \d",
        r"(?:got|received|found|only) [0-4] (?:of|out of) \d+ (?:\w+ )?events?",
        rf"\bevents?\b[^\n\d]{{0,30}}{_FEWER}|{_FEWER} (?:\w+ )?events?\b",
        r"event ['\"`]?\w+['\"`]? (?:was |is )?(?:not|never"
        r"|missing)(?! (?:required )?(?:field|key|attr))",
        rf"missing\W{{1,4}}(?:[\[{{(]\s*)?['\"]?{_LIFECYCLE}\b(?! missing)",
        rf"(?:never|not) (?:received|sent|emitted) ['\"`]?{_LIFECYCLE}"
        rf"|assert ['\"]{_LIFECYCLE}['\"] in ",
        r"\bevents? (?:received|found|captured|seen|count)\W{1,4}0\b(?!\s?/\s?0)"
        r"|CRITICAL EVENT LOST",
        r"tool events? (?:never|not|missing)|(?:missing|absent|lost|dropped) (?:frames?"
        r"|messages?) ?[:(]"
        r"|(?:frames?|messages?) (?:missing|lost|dropped|absent)\b|never (?:saw|got|received"
        r"|observed"
        r"|arrived|emitted|sent|came)\b…\b(?:events?|frames?|message)\b|\b(?:terminal|final|closing"
        r"|completion|end|last) (?:event|frame|message) (?:never|did not|didn't|not|missing|is "
        r"missing"
        r"|was not|absent)|without (?:an? |the |any )?(?:terminal|final|closing|completion|tool) "
        r"(?:event"
        r"|frame)",
    ),
    row(
        "event_timeout",
        "no |without ",
        rf"(?:\bno|without)(?: \w+){{0,3}} {_MESSAGE}\b…(?:within|after|in"
        rf"|for)(?: the)?(?: \w+)?\s{_TIME}",
    ),
    row(
        "event_timeout",
        "timeout|timed out|time out|gave up|giving up",
        rf"(?:timed? ?out|timeout|gave up|giving up)(?: \w+){{0,3}} (?:waiting|listening"
        rf"|polling) (?:for|on) (?:\w+ ){{0,5}}?{_MESSAGE}",
        rf"{_MESSAGE}\b…\b(?:timed out|timeout)\b|\b(?:timeout|timed out)\b…\b(?:receiving"
        rf"|reading|for) (?:\w+ ){{0,3}}?{_MESSAGE}\b",
        r"recv(?:\(\))? (?:timed out|timeout)",
    ),
    row(
        "event_timeout",
        "did not|didn't|waited|silence|nothing",
        rf"did(?: not|n't) (?:respond|answer|reply|complete|finish) (?:within|in|after) {_TIME}",
        rf"waited {_TIME}|silence (?:for|until)",
        rf"{_TIME}…nothing (?:was )?(?:received|came|arrived)"
        rf"|nothing (?:was )?(?:received|came|arrived)…{_TIME}",
    ),
    row(
        "event_timeout",
        "ping|keep-alive|keepalive|heartbeat",
        r"(?:only|just|nothing but) (?:\w+ )?(?:pings?|keep-?alives?|heartbeats?)\b|(?:pings?"
        r"|keep-?alives?|heartbeats?)(?: frames?| messages?)? only\b",
    ),
    row(
        "timeout_error",
        "timeout|timed out",
        r"\bTimeoutError\b|timeout of \d+ ?ms exceeded|exceeded timeout of \d+"
        r"|timed out \d+ ?ms waiting for|timed out retrying after \d+|test timed out"
        r"|timed out waiting for (?:the )?(?:condition|element|locator|selector|expect)",
    ),
    row(
        "contract_broken",
        "out of order|out-of-order|out of sequence|ordering|came before|arrived before|received "
        "before"
        "|came after|arrived after|wrong order|seq |zoderror|ajv|conform|required property"
        "|unknown field"
        "|extra field|additional propert|unexpected propert|extra propert|unknown propert"
        "|deserialize"
        "|unmarshal|decode|parse|structure|schema|format|contract|order|unexpected|mismatch"
        "|expected|duplicate|renamed"
        "|should be|must be|missing|lacks|unpaired|assert '|assert \"|sequence",
        rf"(?:event|message|frame|payload|welcome)[\w' ]{{0,40}}?{_FORM}[\w ]{{0,20}}?(?:fail"
        rf"|invalid"
        r"|mismatch|error|differs)",
        rf"unexpected (?:welcome|first|message|event|frame|response"
        rf"|handshake)[\w ]{{0,20}}?(?:{_FORM}|type"
        r"|order|name)?\b\s?[:(]",
        r"unexpected (?:welcome|event|message|frame) (?:message |event )?(?:format|type|shape"
        r"|order|name)",
        r"events? (?:\w+ )?(?:out of|in (?:the )?wrong|in an unexpected) order",
        r"(?:event|wrong) (?:order|sequence|ordering)\b…(?:violat|wrong|mismatch|fail|incorrect)",
        r"expected (?:\w+ ){0,3}?['\"]\w+['\"]…(?:got|received|was|but|found)…['\"]\w+['\"]",
        r"(?:first|next|last) (?:event|frame|message) (?:should|must|was expected to) be",
        r"(?:event|message|frame|payload|_started|_thinking|_executing|_completed)\b…(?:missing"
        r"|lacks|has no) (?:required )?(?:field|key|attribute)s?\b",
        r"(?:event|message) (?:type|name)s? (?:mismatch|differs?|changed|renamed)"
        r"|event contract (?:violat|broken)",
        r"(?:order|sequence|ordering) (?:check|assertion|violation|error)\b(?! (?:ok|passed))"
        r"|out[- ]of[- ](?:order|sequence)|[\w.]{2,40} (?:came|arrived|received|seen|sent) "
        r"(?:before"
        r"|after) (?:its |the )?\w|wrong order|(?:seq|sequence)\w* (?:gap|jump|regress)",
        r"\bzoderror\b|\bajv\b…(?:error|must)|jsonschema\.\S*validation\w*|schema validation "
        r"(?:failed|error)"
        r"|does not (?:match|conform to|satisfy) (?:the )?(?:\w+ )?(?:schema|contract|spec\w*)"
        r"|pact\b…fail"
        r"|must have required property|(?:unexpected|unknown|extra|additional|renamed) (?:field"
        r"|property"
        r"|key|attribute)s?\b|is not assignable to|failed to (?:deserialize|decode|unmarshal"
        r"|parse) (?:the )?"
        r"(?:event|frame|message)",
        r"unpaired|(?:duplicate|more than one|two) terminal",
        r"assert ['\"][a-z]{1,30}_[a-z_]{1,30}['\"] == ['\"][a-z_]{1,40}['\"]",
    ),
    row(
        "too_slow",
        "budget|percentile|p95|p99|p(9|http_req_duration|over the limit|crossed|breached|took"
        "|latency|response time|duration|elapsed|slow|slo|sla|threshold|exceed|assert",
        rf"(?:took|latency|response[ _]time|duration|elapsed|answered in)…{_TIME}…(?:exceed"
        rf"|{_LIMIT}|>|above"
        r"|(?:expected|should be) (?:under|below|less))",
        r"(?:latency|response time|slo|sla|performance|p9[59])\b…(?:exceed|violat|breach"
        r"|too (?:slow|high)|above|missed|over (?:the )?(?:limit|budget|threshold))",
        rf"(?:exceed\w*|over|above) (?:the )?(?:\w+ )?{_LIMIT}…{_TIME}|too slow\b|took too long",
        rf"{_TIME}\s?(?:>|exceeds|is over|is above|vs\.?|over)\s?(?:the )?(?:\w+ ){{0,3}}{_TIME}",
        r"assert \d+\.\d+ <=? \d+(?:\.\d+)?\s*$",
        rf"{_TIME} ?\((?:budget|limit|max\w*|allowed|target|slo|threshold"
        rf"|expected)\W{{0,3}}(?:{_TIME})?"
        rf"|(?:budget|limit|slo|threshold|max\w*) {_TIME}[\s,;(]{{1,3}}(?:actual|was|got|took"
        rf"|measured)"
        rf"|over (?:the )?(?:budget|slo|limit)\b|(?:verdict|result|status)\W{{1,3}}(?:too )?slow\b",
        r"(?:percentile|response time|mean|p9[059]|latency|duration|http_req_duration)\b…: false\b"
        r"|thresholds? on metrics?…crossed|✗ p\(9\d\)|threshold (?:crossed|breached|failed)",
    ),
    row(
        "request_refused",
        "unknown |unsupported |unrecognized |unrecognised |undefined |unknown-|unsupported-|no "
        "such |unhandled "
        "|unknown_|unsupported_|undefined_|invalid_|invalid op|invalid action|invalid command"
        "|invalid method"
        "|method not found|method_not_found|-3260|invalid params|not supported|not known|not "
        "recognized"
        "|not implemented|not handled|cannot query field|schema|bad_request|is required|required "
        "field"
        "|missing field|missing property|missing parameter|missing key|missing required|is unknown"
        "|message type|request type|event type|unknown type|no handler|format_error"
        "|json_parse_error"
        "|invalid message|invalid request|invalid payload|enter a message|unprocessable|unknown_"
        "|unrecognized|unrecognised|malformed|invalid_",
        r"(?:unknown|unsupported|unrecogni[sz]ed|unhandled|invalid) (?:message|request|event"
        r"|command)?[ _]?type\b|no (?:message )?handler (?:for|registered|found)",
        r"\bFORMAT_ERROR\b|\bJSON_PARSE_ERROR\b|\bUNKNOWN_\w*TYPE\b"
        r"|\bINVALID_(?:MESSAGE|REQUEST|PAYLOAD)",
        r"(?:invalid|malformed) (?:message|request|payload)\b|please enter a message",
        r"unprocessable (?:entity|content)",
        r"\b(?:unknown|unsupported|unrecogni[sz]ed|invalid|undefined|no such"
        r"|unhandled)[ _-](?:op(?:code"
        r"|eration)?|action|command|method|verb|intent|function|topic|channel|kind|procedure"
        r"|mutation"
        r"|query|subscription)\b|\bmethod[ _]not[ _]found\b|-3260[012]\b|invalid params\b"
        r"|(?:op|operation|action|command|method|type) ['\"`]?\w+['\"`]? (?:is )?(?:not "
        r"(?:supported"
        r"|known|recogni[sz]ed|implemented|handled|allowed)|unknown|unsupported)",
        r"cannot query field|unknown argument|(?:request|payload|body|command|message) (?:does "
        r"not match"
        r"|fails|failed|did not pass|violates) (?:the )?(?:\w+ )?(?:schema|validation)"
        r"|bad_request‥(?:missing|required|unknown|invalid)",
        r"\b(?:request|payload|params|command)\b[^\n{}]{0,40}?(?:(?:field|property|parameter|key)"
        r"[^\n{}]{0,30}?(?:missing|required)|missing (?:required )?(?:field|property|parameter"
        r"|key))",
    ),
    row(
        "agent_failed",
        "recursion|iteration|step limit|max steps|max turns|tool call|stop condition|run |turn "
        "|task |node "
        "|graph |tool |planner|chain |run.|turn.|tool.|task.|node.|graph.|run_|turn_|tool_|task_"
        "|node_"
        "|agent|supervisor|orchestrat|stream|execution|workflow|registry",
        r"\bagent (?:['\"]?[\w-]{1,40}['\"]? )?(?:execution|run|task|pipeline"
        r"|workflow)?\s?(?:failed|error|crashed|died|aborted)\b",
        r"recursion ?(?:limit|error)‥(?:reached|exceeded|of \d+)|graphrecursion\w*|(?:max\w*"
        r"|iteration|step"
        r"|tool call|turn)[ _](?:iterations|steps|turns|limit|tool calls)\b‥(?:reached|exceeded"
        r"|hit)"
        r"|stopped due to (?:iteration|time|max)|without hitting a stop condition",
        r"\b(?:run|turn|task|job|workflow|graph|node|step|tool|planner|chain)\b[\w .:'\"-]{0,40}?"
        r"(?:→|->|=>|status\W{1,3}|state\W{1,3}|ended as|finished with) ?(?:status )?(?:failed"
        r"|error(?:ed)?"
        r"|crashed"
        r"|aborted|dead)\b|\b(?:run|turn|tool|task|agent|node|graph|chain)[._](?:failed|error"
        r"|crashed|aborted)\b"
        r"|\btool\b[\w '\"`.-]{0,40}?(?:raised|threw|crashed|failed)\b",
        r"AGENT_\w*(?:ERROR|FAILED|NOT_FOUND)\b|error executing agent|agent death",
        r"\bagent ['\"]?[\w-]{1,40}['\"]? (?:was )?not (?:found|registered|available)",
        r"registry (?:size|count)\W{1,3}0\b|no agents? (?:are |is )?(?:registered|available)",
        r"(?:execution|supervisor|orchestrator|workflow|tool dispatch\w*) (?:engine )?(?:failed"
        r"|error|crashed|is None|not available|not initiali[sz]ed)"
        r"|\bstream(?:ing)? [\w-]{4,40} (?:error|failed)",
    ),
    row(
        "mock_used",
        "dry run|dry-run|dryrun|replayed|hard-coded|hardcoded|recorded|mock|simulating|simulated"
        "|stub|dummy|canned|fake",
        r"\busing (?:a |an )?(?:mock|stub|dummy|fake|simulated)|\[MOCK\]"
        r"|\bMock(?:WebSocket|Socket|Client|Agent|LLM)",
        r"\bmock (?:websocket|socket|client|mode|server|response|connection|agent|fallback|event)",
        r"(?:--|\(|\[|:)\s?simulated\b|\bdry[- ]?run\b|\bwiremock\b|responses? (?:was |were |is "
        r"|are )?(?:mocked|stubbed|faked|replayed)|(?:replayed|canned|hard-?coded|pre-?recorded)"
        r" (?:response|answer|reply|session|fixture|cassette|events?|frames?|traffic|data)",
        r"(?:falling|fall|fell) back to (?:a )?(?:mock|stub|dummy|simulat)",
        r"\bsimulat(?:ing|ed) (?!staging|env|oauth)\w",
    ),
)  # fmt: skip
