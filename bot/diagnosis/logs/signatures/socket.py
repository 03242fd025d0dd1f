"""Names, certificates, connections and sockets: how far one got."""

from bot.diagnosis.logs.signatures.signature import Signature, row

SOCKET: tuple[Signature, ...] = (
    row(
        "dns_failed",
        "getaddrinfo|name or service not known|nodename nor servname|name resolution"
        "|resolve host|nxdomain|enotfound|eai_again|dns resolution|no address associated"
        "|server can't find|dns lookup|could not be resolved|failed to resolve|dns error",
        r"getaddrinfo (?:failed|ENOTFOUND|EAI_AGAIN)[^\n]{0,80}|name or service not known"
        r"|nodename nor servname[^\n]{0,60}|temporary failure in name resolution"
        r"|could not resolve host[^\n]{0,80}|NXDOMAIN|\bENOTFOUND\b[^\n]{0,60}|\bEAI_AGAIN\b"
        r"|dns (?:resolution|lookup)[^\n]{0,40}?(?:fail\w{0,30}|error)[^\n]{0,80}|dns "
        r"error[^\n]{0,60}"
        r"|no address associated with hostname|server can't find [^\n]{0,80}"
        r"|failed to resolve [^\n]{0,80}|could not be resolved",
    ),
    row(
        "tls_failed",
        "certificate|ssl|tls",
        r"CERTIFICATE_VERIFY_FAILED[^\n]{0,160}|certificate verif\w{1,30} failed[^\n]{0,120}"
        r"|certificate (?:has |is )?(?:expired|not (?:yet )?valid|invalid|self[- ]signed|not "
        r"trusted"
        r"|revoked)[^\n]{0,80}|self[- ]signed certificate[^\n]{0,60}",
        r"\bSSL\w{0,30}Error\b[^\n]{0,160}|(?:ssl|tls)[^\n{}\"]{0,30}?(?:handshake|alert|connection"
        r"|protocol)"
        r"[^\n{}\"]{0,20}?(?:fail\w{0,30}|error|refused|unknown)[^\n]{0,80}|\btlsv1 "
        r"alert[^\n]{0,60}"
        r"|SSL certificate problem[^\n]{0,80}|SSL: WRONG_VERSION_NUMBER|no alternative certificate"
        r"[^\n]{0,80}",
    ),
    row(
        "connection_refused",
        "refused|winerror 1225|winerror 10061|errno 111|errno 61|connect call failed|curl: (7)"
        "|connection attempts failed|failed to connect|can't connect",
        r"connection (?:was )?refused[^\n]{0,80}|\bECONNREFUSED\b[^\n]{0,60}|actively refused"
        r"|refused the network connection|\[(?:WinError (?:1225|10061)|Errno (?:111"
        r"|61))\][^\n]{0,120}"
        r"|connect call failed[^\n]{0,80}|curl: \(7\)[^\n]{0,80}|all connection attempts failed"
        r"|failed to connect to \S{1,80} port[^\n]{0,60}",
    ),
    row(
        "loopback_target",
        "localhost|127.0.0.1|::1|0.0.0.0",
        r"(?:https?|wss?)://(?:localhost|127\.\d{1,9}\.\d{1,9}\.\d{1,9}|0\.0\.0\.0"
        r"|\[::1\])(?::\d{1,9})?[^\s\"',)]*",
        r"\(['\"](?:127\.0\.0\.1|localhost|::1)['\"], ?\d{1,9}[^)]{0,10}\)|\b(?:localhost"
        r"|127\.0\.0\.1):\d{1,9}",
        r"host=['\"]?(?:localhost|127\.0\.0\.1)['\"]?,? port=\d{1,9}",
    ),
    row(
        "no_answer",
        "timed out|timeout|curl: (28)|curl: (52)|curl: (56)|etimedout|empty reply|disconnected"
        "|reset by peer|connection reset|no response from|remoteprotocolerror|0 bytes received"
        "|hung|hangs|handshake|remotedisconnected|connection aborted|without response",
        r"(?:opening|websocket|socket|connection|upgrade) handshake[^\n{}]{0,20}?tim(?:ed"
        r"|eout)[^\n]{0,40}"
        r"|timed out (?:during|in|waiting for)(?: the| an)? (?:\w{1,30} )?(?:opening )?handshake"
        r"|handshake (?:has )?(?:timed out|timeout)",
        r"\b(?:Read|Connect|Pool|Write)Timeout(?:Error)?\b[^\n]{0,100}|read timed out[^\n]{0,60}"
        r"|\bETIMEDOUT\b|curl: \((?:28|52|56)\)[^\n]{0,80}|operation timed out[^\n]{0,60}"
        r"|empty reply from server|connection timed out[^\n]{0,60}|ConnectionTimeoutError",
        r"connection reset(?: by peer)?|server disconnected[^\n]{0,60}"
        r"|RemoteProtocolError[^\n]{0,80}"
        r"|RemoteDisconnected[^\n]{0,80}|closed connection without response|connection aborted"
        r"|no response from (?:the )?(?:server|backend|service|api|host)[^\n]{0,60}",
        r"\b(?:GET|POST|health|request|backend|endpoint|api)\b[^\n{}\"]{0,80}?"
        r"\b(?:timed out|timeout|hung|hangs)\b[^\n]{0,60}",
    ),
    row(
        "subprotocol_refused",
        "subprotocol|sub-protocol|negotiationerror",
        r"no (?:supported |common |matching )?sub-?protocols?\b[^\n]{0,60}"
        r"|NegotiationError[^\n]{0,80}"
        r"|(?:unsupported|invalid|unknown) sub-?protocols?\b[^\n]{0,60}"
        r"|sub-?protocols?\b[^\n{}]{0,60}?(?:not (?:supported|accepted|selected)|rejected"
        r"|mismatch\w{0,30}"
        r"|refused|fail\w{0,30}|unsupported)[^\n]{0,60}",
    ),
    row(
        "quota_exceeded",
        "maximum number of|too many concurrent|too many connections|too many open|connection limit"
        "|connections limit|max connections|connections per user|managers",
        r"(?:reached |exceed\w{0,30} )?(?:the )?max(?:imum)?(?: number of)? "
        r"[\w ]{0,30}(?:connections"
        r"|managers"
        r"|sessions|sockets)[^\n]{0,60}",
        r"too many (?:concurrent |open |active |websocket )*(?:connections|sockets|sessions"
        r"|managers)"
        r"[^\n]{0,60}|(?:connections?|sessions?|managers?) (?:limit|quota) (?:of \d{1,9} "
        r")?(?:reached"
        r"|exceeded|hit)[^\n]{0,40}|user connection limit[^\n]{0,60}",
    ),
    row(
        "rate_limited",
        "rate limit|rate_limit|ratelimit|too many requests|too many messages|throttl",
        r"rate[ _-]?limit\w{0,30}(?: has been| was)? (?:exceeded|reached|hit)[^\n]{0,60}"
        r"|RATE_LIMIT\w{0,30}"
        r"|too many (?:requests|messages)[^\n]{0,60}|\bthrottl(?:ed|ing)\b[^\n]{0,60}|rate limited",
    ),
    row(
        "own_part_failed",
        "factory|context|contract|state machine|serializ|serialis|registry|bridge|singleton"
        "|manager",
        r"\b(?:factory|factories|constructor|singleton|serializ\w{1,30}|serialis\w{1,30}|state "
        r"machine"
        r"|(?:type|class|instance|context|contract) (?=check|validation|assertion|creation)"
        r"|bridge|manager)\b[\w ]{0,40}?\b(?:(?:validation|check|creation|instantiation"
        r"|initiali[sz]ation|assertion|type) )?(?:failed|failure|violat\w{1,30})\b[^\n]{0,80}",
    ),
    row(
        "instance_gone",
        "sigterm|draining|going away|no close frame|service restart|shutting down instance"
        "|revision|instance",
        r"\bSIGTERM\b[^\n]{0,60}|\(going away\)|no close frame received or sent|service restart"
        r"|instance (?:was )?(?:replaced|terminated|shut ?down|recycled)[^\n]{0,60}"
        r"|(?:old )?revision[^\n{}\"]{0,40}?(?:draining|replaced|shut ?down)[^\n]{0,40}",
    ),
)
