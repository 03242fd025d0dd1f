"""Names, certificates, connections and sockets: how far one got."""

from bot.diagnosis.logs.signatures.signature import Signature, row

_LOCAL = r"(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\])"

SOCKET: tuple[Signature, ...] = (
    row(
        "dns_failed",
        "getaddrinfo|name or service not known|nodename nor servname|name resolution"
        "|resolve host|nxdomain|enotfound|eai_again|dns resolution|no address associated"
        "|server can't find|dns lookup|could not be resolved|failed to resolve|dns error",
        r"getaddrinfo (?:failed|ENOTFOUND|EAI_AGAIN)|name or service not known",
        r"nodename nor servname|temporary failure in name resolution|could not resolve host",
        r"NXDOMAIN|\bENOTFOUND\b|\bEAI_AGAIN\b|no address associated with hostname",
        r"dns (?:resolution|lookup)…(?:fail|error)|dns error|server can't find ",
        r"failed to resolve |could not be resolved",
    ),
    row(
        "tls_failed",
        "certificate|ssl|tls",
        r"CERTIFICATE_VERIFY_FAILED|certificate verif\w+ failed|self[- ]signed certificate",
        r"certificate (?:has |is )?(?:expired|not (?:yet )?valid|invalid|self[- ]signed"
        r"|not trusted|revoked)",
        r"\bSSL\w*Error\b|(?:ssl|tls)‥(?:handshake|alert|connection|protocol) (?:fail|error"
        r"|refused)",
        r"tlsv1 alert|SSL certificate problem|WRONG_VERSION_NUMBER|no alternative certificate",
    ),
    row(
        "connection_refused",
        "refused|winerror 1225|winerror 10061|errno 111|errno 61|connect call failed|curl: (7)"
        "|connection attempts failed|failed to connect",
        r"connection (?:was )?refused|ConnectionRefused|\bECONNREFUSED\b|actively refused",
        r"refused the network connection|\[(?:WinError (?:1225|10061)|Errno (?:111|61))\]",
        r"connect call failed|curl: \(7\)|all connection attempts failed",
        r"failed to connect to \S+ port",
    ),
    row(
        "loopback_target",
        "localhost|127.0.0.1|::1|0.0.0.0",
        rf"(?:https?|wss?)://{_LOCAL}(?::\d+)?",
        r"\(['\"](?:127\.0\.0\.1|localhost|::1)['\"], ?\d+|\b(?:localhost|127\.0\.0\.1):\d+",
        r"host=['\"]?(?:localhost|127\.0\.0\.1)['\"]?,? port=\d+",
    ),
    row(
        "no_answer",
        "timed out|timeout|curl: (28)|curl: (52)|curl: (56)|etimedout|empty reply|disconnected"
        "|reset by peer|connection reset|no response|remoteprotocolerror|hung|hangs|handshake"
        "|connection aborted|without response|valid http response",
        r"(?:opening|websocket|socket|connection|upgrade) handshake…tim(?:ed|eout)",
        r"timed out (?:during|in|waiting for)(?: the| an)? (?:\w+ )?(?:opening )?handshake",
        r"handshake (?:has )?(?:timed out|timeout)|did not receive a valid HTTP response",
        r"\b(?:Read|Connect|Pool|Write)Timeout(?:Error)?\b|read timed out|\bETIMEDOUT\b",
        r"curl: \((?:28|52|56)\)|operation timed out|empty reply from server|connection timed out",
        r"ConnectionTimeoutError|connection reset|server disconnected|RemoteProtocolError",
        r"RemoteDisconnected|closed connection without response|connection aborted",
        r"no response from (?:the )?(?:server|backend|service|api|host)",
        r"\b(?:GET|POST|health|request|backend|endpoint|api)\b‥\b(?:timed out|timeout|hung"
        r"|hangs)\b",
    ),
    row(
        "subprotocol_refused",
        "subprotocol|sub-protocol|negotiationerror",
        r"no (?:supported |common |matching )?sub-?protocols?\b|NegotiationError",
        r"(?:unsupported|invalid|unknown) sub-?protocols?\b",
        r"sub-?protocols?\b…(?:not (?:supported|accepted|selected)|rejected|mismatch|refused|fail"
        r"|unsupported)",
    ),
    row(
        "quota_exceeded",
        "maximum number of|too many concurrent|too many connections|too many open|connection limit"
        "|connections limit|max connections|maximum connections|session limit|manager limit",
        r"max(?:imum)?(?: number of)? [\w ]{0,30}(?:connections|managers|sessions|sockets)",
        r"too many (?:concurrent |open |active |websocket )*(?:connections|sockets|sessions"
        r"|managers)",
        r"(?:connections?|sessions?|managers?) (?:limit|quota) (?:of \d+ )?(?:reached|exceeded"
        r"|hit)",
        r"user connection limit",
    ),
    row(
        "rate_limited",
        "rate limit|rate_limit|ratelimit|too many requests|too many messages|throttl",
        r"rate[ _-]?limit\w*(?: has been| was)? (?:exceeded|reached|hit)|RATE_LIMIT|rate limited",
        r"too many (?:requests|messages)|\bthrottl(?:ed|ing)\b",
    ),
    row(
        "own_part_failed",
        "factory|constructor|context|contract|state machine|serializ|serialis|bridge|singleton"
        "|manager|type check|class check|instance check",
        r"\b(?:factory|factories|constructor|singleton|serializ\w+|serialis\w+|state machine"
        r"|bridge|(?:type|class|instance|context|contract) (?=check|validation|assertion"
        r"|creation)|manager)\b[\w ]{0,40}?\b(?:failed|failure|violat)",
    ),
    row(
        "instance_gone",
        "sigterm|draining|going away|no close frame|service restart|revision|instance",
        r"\bSIGTERM\b|\(going away\)|no close frame received or sent|service restart",
        r"instance (?:was )?(?:replaced|terminated|shut ?down|recycled)",
        r"revision‥(?:draining|replaced|shut ?down)",
    ),
)  # fmt: skip
