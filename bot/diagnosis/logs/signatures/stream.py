"""What came back over the socket, or did not: events, time, agents."""

from bot.diagnosis.logs.signatures.signature import Signature, row

_TIME = r"\d{1,9}(?:\.\d{1,9})?\s?(?:s|secs?|seconds?|ms|m|mins?|minutes?)\b"
_MESSAGE = (
    r"(?:events?|messages?|responses?|frames?|repl(?:y|ies)|welcome|data|completion|answers?"
    r"|agent\w{0,30}|pipeline)"
)

STREAM: tuple[Signature, ...] = (
    row(
        "events_missing",
        "missing|event",
        r"missing (?:the )?(?:critical |required |expected |mandatory |websocket |agent |pipeline "
        r"|lifecycle |following )*events?\b[^\n]{0,200}",
        r"(?:required|critical|expected|mandatory|websocket|agent|pipeline) events? (?:is |are "
        r"|was "
        r""
        r"|were )?(?:missing|not (?:received|found|sent|emitted|delivered|seen)|absent"
        r"|never)[^\n]{0,160}",
        r"\bno (?:agent |pipeline |websocket |critical |lifecycle |required |business )+events? "
        r"(?:were "
        r"|was )?(?:received|found|captured|emitted|sent|delivered|detected|seen)?(?![^\n]{0,40}"
        r"(?:within|after \d|before))[^\n]{0,60}",
        r"expected (?:at least |all )?\d{1,9} (?:\w{1,30} )?events?[^\n]{0,20}?(?:got|received"
        r"|found|saw) "
        r"\d{1,9}"
        r"[^\n]{0,80}|(?:got|received|found|only) [0-4] (?:of|out of) \d{1,9} (?:\w{1,30} "
        r")?events?[^\n]{0,60}",
        r"event ['\"`]?\w{1,30}['\"`]? (?:was |is )?(?:not|never|missing)(?! (?:required )?(?:field"
        r"|key"
        r"|attribute))"
        r"(?: \w{1,30})?[^\n]{0,60}"
        r"|missing\W{1,4}(?:[\[{(]\s*)?['\"]?\w{1,30}_(?:started|thinking|executing"
        r"|completed)\b(?! "
        r""
        r"missing)[^\n]{0,120}"
        r"|\bevents? (?:received|found|captured|seen|count)\W{1,4}0\b(?!\s?/\s?0)[^\n]{0,60}"
        r"|CRITICAL EVENT LOST[^\n]{0,80}|(?:never|not) (?:received|sent|emitted) ['\"`]?\w{1,30}_"
        r"(?:started|thinking|executing|completed)[^\n]{0,60}",
        r"assert ['\"]\w{1,30}_(?:started|thinking|executing|completed)['\"] in [^\n]{0,160}",
        r"tool events? (?:never|not|missing)[^\n]{0,60}",
    ),
    row(
        "event_timeout",
        "within|timeout|timed out|waiting|silence|no further|no event|no message|no response|after",
        rf"(?:\bno|without)(?: \w{{1,30}}){{0,3}} {_MESSAGE}\b[^\n{{}}]{{0,60}}?(?:within|after|in"
        rf"|for)(?: "
        rf"the)?"
        rf"(?: \w{{1,30}})?\s{_TIME}[^\n]{{0,60}}",
        rf"(?:timed? ?out|timeout|gave up|giving up)(?: \w{{1,30}}){{0,3}} (?:waiting|listening"
        rf"|polling) "
        rf"(?:for|on) (?:\w{{1,30}} ){{0,5}}?{_MESSAGE}[^\n]{{0,80}}",
        rf"{_MESSAGE}\b[^\n{{}}]{{0,40}}?\b(?:timed out|timeout)\b[^\n]{{0,60}}",
        rf"(?:timeout|timed out)\b[^\n{{}}]{{0,30}}?\b(?:receiving|reading|for) (?:\w{{1,30}} "
        rf"){{0,3}}?{_MESSAGE}\b"
        r"[^\n]{0,60}",
        rf"waited {_TIME}[^\n]{{0,60}}|silence (?:for|until)[^\n]{{0,60}}|recv\(?\)? timed out",
    ),
    row(
        "timeout_error",
        "timeouterror",
        r"(?:asyncio\.|concurrent\.futures\.)?TimeoutError\b[^\n]{0,120}",
    ),
    row(
        "contract_broken",
        "structure|schema|format|contract|order|unexpected|mismatch|expected|duplicate|renamed"
        "|validation failed|should be|must be|missing required field|missing field|wrong event"
        "|paired|pairing",
        r"(?:event|message|frame|payload|content|welcome)[\w' ]{0,40}?(?:structure|schema|format"
        r"|contract"
        r"|content|shape)[\w ]{0,20}?(?:validation )?(?:fail\w{0,30}|invalid|mismatch\w{0,30}|error"
        r"|differs?)"
        r"[^\n]{0,80}",
        r"unexpected (?:welcome|first|message|event|frame|response|handshake)[\w ]{0,20}?(?:format"
        r"|type"
        r"|shape|structure|name|order)?\b\s?[:(][^\n]{0,120}|unexpected (?:welcome|event|message"
        r"|frame)"
        r" (?:message |event )?(?:format|type|shape|structure|name|order)[^\n]{0,120}",
        r"events? (?:\w{1,30} )?(?:out of|in (?:the )?wrong|in an unexpected) order[^\n]{0,80}"
        r"|(?:event"
        r"|wrong)"
        r" (?:order|sequence|ordering)\b[^\n]{0,40}?(?:violat\w{0,30}|wrong|mismatch|fail\w{0,30}"
        r"|incorrect)[^\n]{0,60}",
        r"expected (?:\w{1,30} ){0,3}?['\"]\w{1,30}['\"][^\n]{0,60}?(?:got|received|was|but"
        r"|found)[^\n]{0,20}['\"]\w{1,30}['\"]"
        r"[^\n]{0,60}",
        r"(?:event|message|frame|payload|_started|_thinking|_executing|_completed)\b[^\n{}]{0,40}?"
        r"(?:missing|lacks|has no) (?:required )?(?:field|key|attribute)s?\b"
        r"[^\n]{0,80}|(?:event|message) (?:type|name)s? (?:mismatch\w{0,30}|differs?|changed"
        r"|renamed)[^\n]{0,80}",
        r"(?:unpaired|duplicate terminal|more than one terminal|two terminal)[^\n]{0,80}"
        r"|(?:first|next|last) (?:event|frame|message) (?:should|must|was expected to) "
        r"be[^\n]{0,120}"
        r"|event contract (?:violat\w{0,30}|broken|mismatch)[^\n]{0,80}",
        r"assert ['\"][a-z]+_[a-z_]+['\"] == ['\"][a-z]+(?:_[a-z_]+)?['\"]",
    ),
    row(
        "too_slow",
        "took|latency|response time|duration|elapsed|slow|slo|sla|threshold|exceed",
        rf"(?:took|latency|response[ _]time|duration|elapsed|answered in)[^\n{{}}]{{0,40}}?{_TIME}"
        r"[^\n{}]{0,50}?(?:exceed\w{0,30}|limit|threshold|allowed|max\w{0,30}|>|above|slo\b|sla\b"
        r"|budget"
        r"|expected (?:under|below|less)|should be (?:under|below|less))[^\n]{0,80}",
        r"(?:latency|response time|slo|sla|performance|p9[59])\b[^\n{}]{0,60}?(?:exceed\w{0,30}"
        r"|violat\w{0,30}"
        r"|breach\w{0,30}|too (?:slow|high)|above|missed|over (?:the )?(?:limit|budget"
        r"|threshold))[^\n]{0,100}",
        rf"(?:exceed\w{{0,30}}|over|above) (?:the )?(?:\w{{1,30}} )?(?:limit|threshold|slo|sla"
        rf"|budget"
        rf"|target)[^\n]{{0,20}}{_TIME}"
        r"[^\n]{0,40}|too slow\b[^\n]{0,80}",
        rf"{_TIME}\s?(?:>|exceeds|is over|is above|vs\.?|over)\s?(?:the )?(?:\w{{1,30}} "
        rf"){{0,3}}{_TIME}[^\n]{{0,60}}",
    ),
    row(
        "request_refused",
        "message type|request type|event type|unknown type|no handler|format_error|json_parse_error"
        "|invalid message|invalid request|invalid payload|enter a message|unprocessable|unknown_"
        "|field required|unrecognized|unrecognised|not a valid message",
        r"(?:unknown|unsupported|unrecogni[sz]ed|unhandled|invalid) (?:message|request|event"
        r"|command)?[ _]?"
        r"type\b[^\n]{0,80}|no (?:message )?handler (?:for|registered|found)[^\n]{0,80}",
        r"\bFORMAT_ERROR\b|\bJSON_PARSE_ERROR\b|\bUNKNOWN_\w{0,30}TYPE\b|\bINVALID_(?:MESSAGE"
        r"|REQUEST"
        r"|PAYLOAD)\w{0,30}",
        r"(?:invalid|malformed) (?:message|request|payload)(?: format| body| type)?\b[^\n]{0,60}"
        r"|please enter a message|unprocessable (?:entity|content)",
    ),
    row(
        "agent_failed",
        "agent|supervisor|orchestrat|stream|execution|workflow|tool",
        r"\bagent (?:['\"]?[\w-]+['\"]? )?(?:execution|run|task|pipeline|workflow)?\s?(?:failed"
        r"|error|crashed"
        r"|died|aborted)\b[^\n]{0,160}|AGENT_(?!EXECUTION_TIMEOUT)\w{0,30}(?:ERROR|FAILED"
        r"|NOT_FOUND)\b[^\n]{0,60}",
        r"\bagent ['\"]?[\w-]{1,40}['\"]? (?:was )?not (?:found|registered|available)[^\n]{0,80}"
        r"|registry (?:size|count)\W{1,3}0\b|no agents? (?:are |is )?(?:registered|available)",
        r"(?:execution|supervisor|orchestrator|workflow|tool dispatch\w{0,30}) (?:engine "
        r")?(?:failed"
        r"|error"
        r"|crashed|is None|not available|not initiali[sz]ed)[^\n]{0,120}|error executing "
        r"agent[^\n]{0,120}"
        r"|\bstream(?:ing)? [\w-]{4,40} (?:error|failed)[^\n]{0,160}|agent death[^\n]{0,60}",
    ),
    row(
        "mock_used",
        "mock|simulating|simulated|stub|dummy|canned|fake",
        r"\busing (?:a |an )?(?:mock|stub|dummy|fake|simulated)\w{0,30}[^\n]{0,60}|\bmock "
        r"(?:websocket"
        r"|socket"
        r"|client|mode|server|response|connection|agent|fallback|event)\w{0,30}[^\n]{0,60}"
        r"|\[MOCK\][^\n]{0,60}",
        r"(?:falling|fall|fell) back to (?:a )?(?:mock|stub|dummy|simulat)\w{0,30}[^\n]{0,60}"
        r"|\bMock(?:WebSocket|Socket|Client|Agent|LLM)\w{0,30}[^\n]{0,40}",
        r"\bsimulat(?:ing|ed) (?!staging|env|oauth)[\w ]{1,60}",
    ),
)
