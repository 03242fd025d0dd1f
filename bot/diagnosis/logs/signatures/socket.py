"""Names, certificates, connections and sockets: how far one got."""

from bot.diagnosis.logs.signatures.signature import Signature, row

_LOCAL = r"(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\])"

SOCKET: tuple[Signature, ...] = (
    row(
        "dns_failed",
        "no such host|err_name_not_resolved|unknownhost|unknown host|servfail|could not resolve"
        "|cannot resolve|can't resolve|unable to resolve|resolution failed|name not resolved"
        "|getaddrinfo|name or service not known|nodename nor servname|name resolution|resolve host"
        "|nxdomain|enotfound|eai_again|dns resolution|no address associated|server can't find|dns "
        "lookup|could not be resolved|failed to resolve|dns error",
        r"getaddrinfo (?:failed|ENOTFOUND|EAI_AGAIN)|name or service not known",
        r"nodename nor servname|temporary failure in name resolution|could not resolve host",
        r"NXDOMAIN|\bENOTFOUND\b|\bEAI_AGAIN\b|no address associated with hostname",
        r"dns (?:resolution|lookup)…(?:fail|error)|dns error|server can't find ",
        r"failed to resolve |could not be resolved|\bno such host\b|err_name_not_resolved"
        r"|unknownhostexception|unknown host\b|(?:could not|cannot|can't|unable to) resolve (?:the "
        r")?(?:host|name|address|domain|dns|remote)|\bservfail\b|(?:name|host\w*|dns) resolution "
        r"failed|no such host is known",
    ),
    row(
        "tls_failed",
        "certificate|ssl|tls|x509|pkix|err_cert|unable_to|self_signed|trust anchor|unknown ca"
        "|altnames|cert_has_expired|hostname mismatch|wrong_version_number",
        r"CERTIFICATE_VERIFY_FAILED|certificate verif\w+ failed|self[- ]signed certificate",
        r"certificate (?:has |is )?(?:expired|not (?:yet )?valid|invalid|self[- ]signed|not trusted"
        r"|revoked)",
        r"\bSSL\w*Error\b|(?:ssl|tls)‥(?:handshake|alert|connection|protocol) (?:fail|error"
        r"|refused)",
        r"\binvalid_?certificate\b|\bx509: |certificate signed by unknown authority|pkix path "
        r"(?:building|validation) failed"
        r"|err_(?:cert|ssl|tls)_\w+|unable_to_(?:verify|get)\w*|self_signed_cert\w*"
        r"|cert_has_expired|unable to (?:verify the first|get local issuer) certificate|unknown "
        r"ca\b|trust anchor|(?:failed|unable|could not|cannot) (?:to )?(?:verify|validate) (?:the "
        r")?(?:server )?certificate|certificate\b…(?:does(?: not|n't) match|not match|mismatch"
        r"|untrusted|unknown authority|has no (?:matching )?(?:san|subject))|remote certificate is "
        r"invalid|bad certificate|no (?:required )?ssl certificate was sent|hostname mismatch"
        r"|altnames",
        r"tlsv1 alert|SSL certificate problem|WRONG_VERSION_NUMBER|no alternative certificate",
    ),
    row(
        "connection_refused",
        "err_connection_refused|nothing is listening|nothing listening|no connection could be made"
        "|refused|winerror 1225|winerror 10061|errno 111|errno 61|connect call failed|curl: (7)"
        "|connection attempts failed|failed to connect",
        r"connection (?:was )?refused|ConnectionRefused|\bECONNREFUSED\b|actively refused",
        r"refused the network connection|\[(?:WinError (?:1225|10061)|Errno (?:111|61))\]",
        r"connect call failed|curl: \(7\)|all connection attempts failed",
        r"failed to connect to \S+ port|err_connection_refused|nothing (?:is )?listening|no "
        r"connection could be made",
    ),
    row(
        "loopback_target",
        "localhost|127.0.0.1|::1|0.0.0.0"
        "|://127.",
        rf"(?:https?|wss?)://{_LOCAL}(?::\d+)?",
        r"\(['\"](?:127\.0\.0\.1|localhost|::1)['\"], ?\d+|\b(?:localhost|127\.0\.0\.1):\d+"
        r"|\b(?:localhost|127\.0\.0\.1),? port \d+",
        r"host=['\"]?(?:localhost|127\.0\.0\.1)['\"]?,? port=\d+",
    ),
    row(
        "no_answer",
        "deadline|no route to host|network is unreachable|host is down|socket hang up|socket hung "
        "up|econnreset|does not answer|not answer|not respond|unresponsive|unexpected eof|i/o "
        "timeout|not reachable|unreachable|timed out|timeout|curl: (28)|curl: (52)|curl: (56)"
        "|etimedout|empty reply|disconnected|reset by peer|connection reset|no response"
        "|remoteprotocolerror|hung|hangs|handshake|connection aborted|without response|valid http "
        "response"
        "|err_timed_out|err_empty|err_connection|err_network|awaiting headers|n't reply"
        "|n't answer|n't respond|upstream tim|upstream request",
        r"(?:opening|websocket|socket|connection|upgrade) handshake…tim(?:ed|eout)",
        r"timed out (?:during|in|waiting for)(?: the| an)? (?:\w+ )?(?:opening )?handshake",
        r"handshake (?:has )?(?:timed out|timeout)|did not receive a valid HTTP response",
        r"\b(?:Read|Connect|Pool|Write)Timeout(?:Error)?\b|read timed out|\bETIMEDOUT\b",
        r"curl: \((?:28|52|56)\)|operation timed out|empty reply from server|connection timed out",
        r"ConnectionTimeoutError|connection reset|server disconnected|RemoteProtocolError",
        r"RemoteDisconnected|closed connection without response|connection aborted",
        r"deadline[ _]?exceeded|no route to host|network is unreachable|socket hang up"
        r"|\beconnreset\b|i/o timeout|err_(?:connection_(?:timed_out|reset|closed)|timed_out"
        r"|empty_response|network_changed)|awaiting headers|upstream (?:request )?tim(?:ed|eout)",
        r"(?:server|service|host|backend|api|endpoint|gateway|target|system|app|staging|upstream) "
        r"(?:is |was )?(?:not (?:responding|answering|reachable)|unresponsive|unreachable|does(?: "
        r"not|n't) (?:answer|respond|reply)|did(?: not|n't) (?:answer|respond|reply)|not "
        r"reachable)",
        r"no response from (?:the )?(?:server|backend|service|api|host)",
        r"\b(?:GET|POST|health|request|backend|endpoint|api)\b‥\b(?:timed out|timeout|hung"
        r"|hangs)\b",
    ),
    row(
        "subprotocol_refused",
        "sec-websocket-protocol|no common protocol|protocol negotiation|subprotocol|sub-protocol"
        "|negotiationerror",
        r"no (?:supported |common |matching |acceptable |mutual )?sub-?protocols?\b"
        r"|NegotiationError|no_?sub-?protocol\b|sub-?protocol\w*(?:error|exception)\b"
        r"|no common protocol|sec-websocket-protocol\b…(?:must|mismatch|not"
        r"|invalid|unsupported|reject|error|missing|none|unexpected)|protocol negotiation (?:failed"
        r"|error)",
        r"(?:unsupported|invalid|unknown) sub-?protocols?\b",
        r"sub-?protocols?\b…(?:not (?:supported|accepted|selected)|rejected|mismatch|refused|fail"
        r"|unsupported)",
    ),
    row(
        "quota_exceeded",
        "session_limit|session cap|connection cap|already holds|currently holds|already using"
        "|connection_limit|socket limit|stream limit|session quota|connection quota"
        "|connections quota|max_sessions|max_connections|max_sockets|max_streams|already has"
        "|currently has|limit of|maximum of|quota of|cap of|too many|maximum number of|too many "
        "concurrent|too many connections|too many open|connection limit|connections limit|max "
        "connections|maximum connections|session limit|manager limit"
        "|limit reached|limit exceeded|limit hit|limit_reached|limit_exceeded|cap reached"
        "|cap exceeded|quota exceeded|quota reached",
        r"max(?:imum)?(?: number of)? [\w ]{0,30}(?:connections|managers|sessions|sockets)",
        r"too many (?:concurrent |open |active |websocket )*(?:connections|sockets|sessions"
        r"|managers)",
        r"(?:connections?|sessions?|managers?) (?:limit|quota) (?:of \d+ )?(?:reached|exceeded"
        r"|hit)",
        r"user connection limit|(?:session|connection|stream|socket|subscription|tab|device)s?[ "
        r"_]?(?:limit|quota|cap)(?:(?: (?:for|of|per) [\w ]{1,30})?[ _](?:is |was |has been "
        r")?(?:reached|exceeded|hit|full)|['\"]\s{0,2}[,}])|max_(?:sessions|connections|sockets"
        r"|streams|subscriptions)\b‥(?:exceeded|reached|hit)|(?:already|currently) (?:has|have"
        r"|holds?|using|open) \d+ (?:open |active |concurrent |live )?(?:sessions|connections"
        r"|sockets|streams)|(?:limit|maximum|quota|cap) of \d+ (?:open |active |concurrent |live "
        r"|simultaneous |websocket |socket )*(?:sessions|connections|sockets|streams|subscriptions)"
        r"|too many (?:\w+ ){0,2}(?:streams|subscriptions|tabs|devices|logins|websockets)",
    ),
    row(
        "rate_limited",
        "too many attempts|too many login|too many calls|too many frames|request limit|slow down"
        "|rate exceeded|rate limit|rate_limit|ratelimit|too many requests"
        "|too many messages|throttl"
        "|rate-limit",
        r"rate[ _-]?limit\w*(?: has been| was)? (?:exceeded|reached|hit)|RATE_LIMIT|rate limited",
        r"too many (?:requests|messages|attempts|login attempts|calls|frames)|\bthrottl(?:ed|ing)\b"
        r"|request limit (?:exceeded|reached)|slow down\b|rate exceeded",
    ),
    row(
        "asks_to_wait",
        "retry-after|retry after|retry_after",
        r"retry[ _-]after\W{1,4}\d",
    ),
    row(
        "own_part_failed",
        "factory|constructor|context|contract|state machine|serializ|serialis|bridge|singleton"
        "|manager|type check|class check|instance check",
        r"\b(?:factory|factories|constructor|singleton|serializ\w+|serialis\w+|state machine|bridge"
        r"|(?:type|class|instance|context|contract) (?=check|validation|assertion|creation)"
        r"|manager)\b[\w ]{0,40}?\b(?:failed|failure|violat)",
    ),
    row(
        "no_close_frame",
        "no close frame",
        r"no close frame received",
    ),
    row(
        "instance_gone",
        "shutting down|scaled down|scaling down|preempt|evict|rolling update|restarting|redeploy"
        "|terminating|sigterm|draining|going away|service restart|revision|instance"
        "|killed",
        r"\bSIGTERM\b|\(going away\)|service restart",
        r"(?:server|instance|pod|node|service|gateway|worker|container) (?:is )?(?:shutting down"
        r"|draining|restarting|terminating|being (?:replaced|redeployed))|(?:pod|node|instance"
        r"|container)(?: [\w./-]{1,60})? (?:was |has been )?(?:preempted|evicted|killed|scaled "
        r"down)|rolling (?:update"
        r"|restart)",
        r"instance (?:was )?(?:replaced|terminated|shut ?down|recycled)",
        r"revision‥(?:draining|replaced|shut ?down)",
    ),
)  # fmt: skip
