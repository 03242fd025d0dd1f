"""Who may come in: the bypass key, tokens, users, and a service's own identity."""

from bot.diagnosis.logs.signatures.signature import Signature, row

# The key for tests, however it is called, and the name of a setting that holds it.
_KEY = r"(?:(?:e2e|test|oauth|auth)[ _-]?)?(?:bypass|simulation)[ _-]?key"
_KEY_SETTING = r"\b[A-Z0-9_]{0,30}(?:BYPASS|SIMULATION)[A-Z0-9_]{0,30}"
_NONE = (
    r"(?:(?:is |was |has )?(?:not (?:been )?(?:set|provided|configured|found|given|available"
    r"|present)|missing|required|empty|unset|absent)\b|header is required"
    r"|must be (?:set|provided))"
)
_REFUSED = (
    r"(?:invalid|refused|rejected|wrong|incorrect|not (?:accepted|valid|allowed)|denied"
    r"|mismatch\w*)"
)
_BEARER = r"(?:jwt |auth\w* |bearer |access )?token"
_USER_ID = r"user[ _-]?id\b"
_NO_ENTRY = r"(?:40[13]|not authenticated|denied|refused|forbidden|unauthori[sz]ed|rejected|fail)"

ACCESS: tuple[Signature, ...] = (
    row(
        "bypass_key_refused",
        "bypass|simulation",
        rf"(?:bad|unknown|{_REFUSED})[\w ]{{0,16}}{_KEY}",
        rf"{_KEY} (?:is |was )?(?:{_REFUSED}|does(?: not|n't) match)",
    ),
    row(
        "bypass_key_unset_server",
        "e2e auth|e2e test auth|test authentication|bypass",
        r"(?:e2e|test|bypass) auth\w*(?: \w+)? (?:is )?not (?:configured|enabled)",
        rf"server has no {_KEY}",
    ),
    row(
        "bypass_for_production",
        "not available in production|only available in",
        r"auth\w* (?:is )?(?:not available in production|only available in \w+)",
    ),
    row(
        "bypass_key_missing",
        "bypass|simulation",
        rf"{_KEY}(?: header)?\s?{_NONE}",
        r"x-[\w-]{0,30}bypass[\w-]{0,30} (?:header )?(?:is )?(?:required|missing|not sent)",
        rf"(?:no|without|missing)(?: a| an| the)? {_KEY}",
    ),
    row(
        "bypass_key_missing",
        "simulation|bypass",
        rf"{_KEY_SETTING}['\"`]?(?i:(?: env\w*(?: variable)?)?[:\s]{{1,2}}{_NONE})",
        rf"(?i:missing|no value for|set) {_KEY_SETTING}\b",
        case=True,
    ),
    row(
        "token_minting_failed",
        "generate e2e|test tokens|test authentication failed",
        r"failed to generate (?:e2e )?test tokens?|e2e test authentication failed",
    ),
    row(
        "fallback_token",
        "fall|direct jwt|fallback",
        r"fall(?:ing|s)?[ -]?back to …(?:jwt|token)|created direct jwt|fallback (?:jwt|token)"
        r"|\[FALLBACK\]",
    ),
    row(
        "token_absent",
        "no_token|token|authorization|bearer|no jwt|no auth",
        r"\bNO_TOKEN\b|\bno jwt (?:in|found|provided|sent|on)\b",
        rf"\bno (?:valid )?{_BEARER} (?:was |is )?(?:found|provided|present|supplied|received|in )",
        r"(?:missing|no) (?:authorization|bearer|auth)(?: header| token)\b",
        r"authorization header (?:is |was )?(?:missing|required|absent|not (?:found|present))",
        r"authorization_present['\"\s:=]{1,5}false",
        rf"{_BEARER} (?:is |was )?(?:missing|required but not)",
    ),
    row(
        "token_expired",
        "expired",
        r"TOKEN_EXPIRED|(?:token|signature|jwt)(?: has| is)? expired|ExpiredSignatureError",
        r"expired[ _](?:jwt|token|signature)",
    ),
    row(
        "token_refused",
        "token|jwt|signature|validation_failed|invalid_format|audience|issuer|segments",
        r"\bVALIDATION_FAILED\b|\bINVALID_TOKEN\b|\bINVALID_FORMAT\b|\bTOKEN_INVALID\b",
        r"(?:jwt|token) (?:validation|verification|authentication) fail",
        r"(?:invalid|malformed|bad|forged|untrusted)[ _](?:jwt|(?:auth\w* |access |bearer )?token"
        r"|signature|audience|issuer)\b",
        r"(?:jwt|token) (?:secret|signature) (?:mismatch|invalid|differs|is (?:wrong|invalid))",
        r"signature (?:verification|validation) fail|Invalid(?:Signature|Audience|Issuer"
        r"|Token)Error",
        r"MissingRequiredClaimError|ImmatureSignatureError|not enough segments",
        r"(?:jwt|token)(?: is| was|'s)? (?:invalid|malformed|rejected|refused|not valid|denied)",
        r"token‥signed with (?:another|a different|the wrong)|audience doesn't match",
        r"token is missing the \"?\w+\"? claim",
    ),
    row(
        "auth_refused",
        "auth_failed|auth_required|valid jwt",
        r"\bAUTH_(?:FAILED|REQUIRED)\b|valid jwt token required",
    ),
    row("auth_exception", "websocket_auth", r"\bWEBSOCKET_AUTH_(?:ERROR|EXCEPTION)\b"),
    row(
        "user_id_refused",
        "user_id|user id|userid|user-id",
        r"(?:invalid|malformed|illegal|bad|unsupported) user[ _-]?id\b",
        rf"{_USER_ID}…(?:format|pattern)…(?:{_REFUSED}|not recogni[sz]ed|violat)",
        rf"{_USER_ID}…(?:invalid format|does not match (?:the )?(?:pattern|format|any)|placeholder"
        r"|forbidden pattern)",
    ),
    row(
        "user_unknown",
        "user",
        r"\bUSER_NOT_FOUND\b|unknown user\b|\bno (?:such )?user (?:with|named|found|[\"'])",
        r"\buser (?:[\w@.'\"-]{1,60} )?(?:was )?(?:not found|does not exist|is unknown"
        r"|not registered)\b",
    ),
    row(
        "service_identity_refused",
        "service:|service_|header value|service_id|service secret|service-to-service|service auth"
        "|inter-service|service id|cross-service|service credential|service account",
        rf"\bservice:[\w.-]{{1,40}}…{_NO_ENTRY}|{_NO_ENTRY}…\bservice:\w",
        r"illegal header value|invalid_service_(?:id|secret)|service_not_configured",
        rf"service[ _-](?:secret|id|identity|credentials?)\b…(?:{_REFUSED}|does(?: not|n't) match"
        r"|trailing|newline|whitespace)",
        r"(?:inter-?service|service-to-service|cross-service|service) auth\w*…(?:fail|refused"
        r"|rejected|denied)",
    ),
    row(
        "other_identity",
        "demo|anonymous|guest|permissive|impersonat|different user|another user|other user"
        "|wrong user|bypassed|accepted with",
        r"user_?id['\"\s:=]{1,5}(?:demo|anonymous|guest|default)",
        r"(?:connected|welcomed?|accepted|authenticated|running|logged in)[\w ]{0,30}? (?:as"
        r"|for) (?:user )?['\"]?(?:demo|anonymous|guest)",
        r"(?:permissive|demo|relaxed)[ _](?:auth\w*|mode)…(?:enabled|active|accept|on\b|allow"
        r"|granted|user)",
        r"(?:welcome\w*|server|socket|connect(?:ion|ed))…(?:different|another|other|wrong) user\b",
        r"accepted (?:without|with no) (?:a )?(?:valid )?(?:token|jwt|auth)",
        r"auth(?:entication)?[ _](?:was )?(?:silently )?bypassed",
    ),
)  # fmt: skip
