"""Who may come in: the bypass key, tokens, users, and a service's own identity."""

from bot.diagnosis.logs.signatures.signature import Signature, row

# The key for tests, however it is called, and the name of a setting that holds it.
_KEY = r"(?:(?:e2e|test|oauth|auth)[ _-]?)?(?:bypass|simulation)[ _-]?key"
_KEY_SETTING = r"\b[A-Z0-9_]*(?:BYPASS|SIMULATION)[A-Z0-9_]*"
_NONE = (
    r"(?:(?:is |was |has )?(?:not (?:been )?(?:set|provided|configured|found|given|available"
    r"|present)"
    r"|missing|required|empty|unset|absent)\b|header is required|must be (?:set|provided))"
)

ACCESS: tuple[Signature, ...] = (
    row(
        "bypass_key_refused",
        "bypass|simulation",
        rf"(?:invalid|wrong|incorrect|bad|unknown|mismatch\w{{0,30}}|rejected"
        rf"|refused)[\w ]{{0,16}}{_KEY}[^\n]{{0,40}}",
        rf"{_KEY} (?:is |was )?(?:invalid|refused|rejected|wrong|incorrect|not (?:accepted|valid)"
        r"|mismatch|does(?: not|n't) match)",
    ),
    row(
        "bypass_key_unset_server",
        "e2e auth|e2e test auth|test authentication|bypass",
        r"(?:e2e|test|bypass) auth\w{0,30}(?: \w{1,30})? (?:is )?not (?:configured|enabled)",
        rf"server has no {_KEY}",
    ),
    row(
        "bypass_for_production",
        "not available in production|only available in",
        r"auth\w{0,30} (?:is )?(?:not available in production|only available in "
        r"\w{1,30})[^\n]{0,60}",
    ),
    row(
        "bypass_key_missing",
        "bypass|simulation",
        rf"{_KEY}(?: header)?\s?{_NONE}",
        rf"(?-i:{_KEY_SETTING})['\"`]?(?: env\w{{0,30}}(?: variable)?)?[:\s]{{1,2}}{_NONE}",
        r"x-[\w-]*bypass[\w-]* (?:header )?(?:is )?(?:required|missing|not sent)[^\n]{0,40}",
        rf"(?:no|without|missing)(?: a| an| the)? {_KEY}",
        rf"(?:missing|no value for|set) (?-i:{_KEY_SETTING})\b",
    ),
    row(
        "token_minting_failed",
        "generate e2e|test tokens|test authentication failed",
        r"failed to generate (?:e2e )?test tokens?|e2e test authentication failed[^\n]{0,80}",
    ),
    row(
        "fallback_token",
        "fall|direct jwt|minted|fallback",
        r"fall(?:ing|s)?[ -]?back to [^\n]{0,20}(?:jwt|token)[^\n]{0,60}|created direct jwt"
        r"|fallback (?:jwt|token)[^\n]{0,60}|\[FALLBACK\][^\n]{0,80}",
    ),
    row(
        "token_absent",
        "no_token|token|authorization|bearer|credentials|no jwt",
        r"\bNO_TOKEN\b|\bno jwt (?:in|found|provided|sent|on)\b[^\n]{0,60}",
        r"\bno (?:valid )?(?:jwt |auth\w{0,30} |bearer |access )?token (?:was |is )?(?:found"
        r"|provided"
        r"|present"
        r"|supplied|received|in )[^\n]{0,60}",
        r"(?:missing|no) (?:authorization|bearer|auth)(?: header| token)\b[^\n]{0,40}",
        r"authorization header (?:is |was )?(?:missing|required|absent|not (?:found|present))",
        r"authorization_present['\"\s:=]{1,5}false",
        r"(?:jwt |auth\w{0,30} |bearer |access )token (?:is |was )?(?:missing|required but not)",
    ),
    row(
        "token_expired",
        "expired",
        r"TOKEN_EXPIRED|(?:token|signature|jwt)(?: has| is)? expired|expired[ _](?:jwt|token"
        r"|signature)"
        r"|ExpiredSignatureError",
    ),
    row(
        "token_refused",
        "token|jwt|signature|validation_failed|invalid_format|audience|issuer|segments",
        r"\bVALIDATION_FAILED\b|\bINVALID_TOKEN\b|\bINVALID_FORMAT\b|\bTOKEN_INVALID\b",
        r"(?:jwt|token) (?:validation|verification|authentication) fail\w{0,30}[^\n]{0,80}",
        r"(?:invalid|malformed|bad|forged|untrusted)[ _](?:jwt|(?:auth\w{0,30} |access |bearer "
        r")?token"
        r"|signature|audience|issuer|token signature|jwt signature)\b[^\n]{0,60}",
        r"(?:jwt|token) (?:secret|signature) (?:mismatch\w{0,30}|invalid|differs|is (?:wrong"
        r"|invalid))"
        r"|signature (?:verification|validation) fail\w{0,30}|Invalid(?:Signature|Audience|Issuer"
        r"|Token)Error"
        r"|MissingRequiredClaimError|ImmatureSignatureError",
        r"(?:jwt|token)(?: is| was|'s)? (?:invalid|malformed|rejected|refused|not valid|denied)",
        r"not enough segments|token[^\n{}\"]{0,40}signed with (?:another|a different|the wrong)",
        r"audience doesn't match|token is missing the \"?\w{1,30}\"? claim",
    ),
    row(
        "auth_refused",
        "auth",
        r"\bAUTH_(?:FAILED|REQUIRED)\b",
        r"valid jwt token required[^\n]{0,60}",
    ),
    row(
        "auth_exception",
        "websocket_auth",
        r"\bWEBSOCKET_AUTH_(?:ERROR|EXCEPTION)\b",
    ),
    row(
        "user_id_refused",
        "user_id|user id|userid|user-id",
        r"(?:invalid|malformed|illegal|bad|unsupported) user[ _-]?id(?: format)?[^\n]{0,80}",
        r"user[ _-]?id\b[^\n{}]{0,50}?(?:format|pattern)[^\n{}]{0,30}?(?:invalid|not (?:allowed"
        r"|valid"
        r"|accepted|recogni[sz]ed)|refused|rejected|mismatch|violat)",
        r"user[ _-]?id\b[^\n{}]{0,50}?(?:invalid format|does not match (?:the )?(?:pattern|format"
        r"|any)"
        r"|placeholder|forbidden pattern)",
    ),
    row(
        "user_unknown",
        "user",
        r"\bUSER_NOT_FOUND\b|\buser (?:[\w@.'\"-]{1,60} )?(?:was )?(?:not found|does not exist|is "
        r"unknown"
        r"|not registered)\b[^\n]{0,60}|\bno (?:such )?user (?:with|named|found|[\"'])[^\n]{0,60}"
        r"|unknown user\b[^\n]{0,60}",
    ),
    row(
        "service_identity_refused",
        "service:|service_|header value|service_id|service secret|service-to-service|service auth"
        "|inter-service|service id|cross-service|service credential|service account",
        r"\bservice:[\w.-]+[^\n]{0,160}?(?:40[13]|not authenticated|denied|refused|forbidden"
        r"|unauthori[sz]ed|rejected|fail)[^\n]{0,60}",
        r"(?:40[13]|not authenticated|denied|refused|forbidden|unauthori[sz]ed"
        r"|rejected)[^\n]{0,160}?"
        r"\bservice:[\w.-]+[^\n]{0,60}",
        r"illegal header value[^\n]{0,60}|invalid_service_(?:id|secret)|service_not_configured",
        r"service[ _-](?:secret|id|identity|credentials?)\b[^\n{}]{0,40}?(?:invalid|refused"
        r"|rejected"
        r"|mismatch\w{0,30}|does(?: not|n't) match|wrong|not accepted|trailing|newline"
        r"|whitespace)[^\n]{0,40}",
        r"(?:inter-?service|service-to-service|cross-service|service) auth\w{0,30}[^\n{}]{0,40}?"
        r"(?:fail\w{0,30}|refused|rejected|denied)[^\n]{0,60}",
    ),
    row(
        "other_identity",
        "demo|anonymous|guest|permissive|bypass_active|impersonat|different user|another user"
        "|other user|wrong user|expected user|auth_bypass",
        r"user_?id['\"\s:=]{1,5}(?:demo|anonymous|guest|default)[\w.-]*",
        r"(?:connected|welcomed?|accepted|authenticated|running|logged in)[\w ]{0,30}? (?:as|for)"
        r" (?:user )?['\"]?(?:demo|anonymous|guest)[\w.-]*",
        r"(?:permissive|demo|relaxed)[ _](?:auth\w{0,30}|mode)[^\n{}]{0,40}?(?:enabled|active"
        r"|accept\w{0,30}"
        r"|on\b"
        r"|allow\w{0,30}|granted|user)[^\n]{0,40}",
        r"(?:welcome\w{0,30}|server|socket|connection)[^\n{}]{0,60}?(?:different|another|other"
        r"|wrong) "
        r"user\b"
        r"[^\n]{0,60}|accepted (?:without|with no) (?:a )?(?:valid )?(?:token"
        r"|auth\w{0,30})[^\n]{0,40}",
        r"auth(?:entication)?[ _](?:was )?(?:silently )?bypassed[^\n]{0,60}",
    ),
)
