"""Who may come in: the bypass key, tokens, users, and a service's own identity."""

from bot.diagnosis.logs.signatures.signature import Signature, row

# The key for tests, however it is called, and the name of a setting that holds it.
_KEY = (
    r"(?:(?:(?:e2e|test|oauth|auth)[ _-]?)?(?:bypass|simulation|impersonation|backdoor)[ _-]?(?:key"
    r"|secret|token)|(?:\b|_)(?:e2e|qa|test(?:ing)?|automation|synthetics?|probe|smoke|canary|robot"
    r"|ci)[ _-](?:\w{2,12}[ _-])?(?:key|secret)(?![a-z0-9]))"
)
# The header that carries it.
_KEY_HEADER = (
    r"\bx-(?:[\w-]{1,30}-)?(?:e2e|qa|test|automation|synthetic|probe|smoke|bypass|impersonat\w*"
    r"|simulat\w*|robot|backdoor)(?:-[\w-]{1,30})?\b"
)
_KEY_SETTING = (
    r"\b(?:[A-Z0-9_]{0,30}(?:BYPASS|SIMULATION|IMPERSONAT|BACKDOOR)[A-Z0-9_]{0,30}"
    r"|(?:[A-Z0-9]{1,12}_){0,3}(?:E2E|QA|TEST|SYNTHETICS?|AUTOMATION|SMOKE|CANARY"
    r"|PROBE)_(?:[A-Z0-9]{1,12}_){0,2}(?:KEY|SECRET|TOKEN|CODE|PASSWORD))\b"
)
_NONE = (
    r"(?:(?:is |was |has )?(?:not (?:been )?(?:set|provided|configured|found|given|available"
    r"|present|supplied|sent)|missing|required|empty|unset|absent|undefined|blank)\b|header is "
    r"required|must be (?:set|provided))"
)
_REFUSED = (
    r"(?:invalid|refused|rejected|wrong|incorrect|not (?:accepted|valid|allowed|recogni[sz]ed)"
    r"|denied|mismatch\w*)"
)
_BEARER = r"(?:jwt |auth\w* |bearer |access )?token"
_USER_ID = r"user[ _-]?id\b"
_NO_ENTRY = r"(?:40[13]|not authenticated|denied|refused|forbidden|unauthori[sz]ed|rejected|fail)"

ACCESS: tuple[Signature, ...] = (
    row(
        "bypass_key_refused",
        "bypass|simulation|impersonation|backdoor|e2e|qa|test|automation|synthetic|probe|smoke"
        "|canary|robot|ci-|ci_|ci "
        "|simulat|impersonat",
        rf"(?:bad|unknown|{_REFUSED})[\w ]{{0,16}}{_KEY}",
        rf"{_KEY}[ _-](?:is |was )?(?:{_REFUSED}|does(?: not|n't) match|unknown|revoked|differs)",
        rf"{_KEY_HEADER}[^\n{{}}]{{0,40}}?(?:{_REFUSED}|does(?: not|n't) match)",
        r"(?:bypass|simulation|impersonation|back-?door|e2e|test|qa|robot)[ _-](?:log-?in|auth"
        r"|sign-?in"
        rf"|access)\b…\b(?:secret|key|code) (?:is |was )?(?:{_REFUSED}|does(?: not|n't) match)",
    ),
    row(
        "bypass_key_unset_server",
        "e2e auth|e2e test auth|test authentication|bypass"
        "|test auth|server has no ",
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
        "bypass|simulation|impersonation|backdoor|e2e|qa|test|automation|synthetic|probe|smoke"
        "|canary|robot|ci-|ci_|ci "
        "|simulat|impersonat",
        rf"{_KEY}(?: header)?[\s_-]?{_NONE}",
        rf"{_KEY_HEADER} (?:header )?(?:is |was )?(?:required|missing|not (?:sent|present|set"
        rf"|provided|found)|absent|empty)|(?:missing|required|no) (?:header:? ['\"]?)?"
        rf"{_KEY_HEADER}",
        r"x-[\w-]{0,30}bypass[\w-]{0,30} (?:header )?(?:is )?(?:required|missing|not sent)",
        rf"(?:no|without|missing)(?: a| an| the)? {_KEY}"
        rf"|{_KEY}['\"]?\s?[:=]\s?['\"]?(?:<not set>|<empty>|\(empty\)"
        r"|(?:none|null|undefined|missing)\b)",
    ),
    row(
        "bypass_key_missing",
        "simulation|bypass|impersonat|backdoor|e2e|qa_|test_|synthetic|automation_|smoke_|canary_"
        "|probe_",
        rf"{_KEY_SETTING}['\"`]?(?i:(?: env\w*(?: variable)?)?[:\s]{{1,2}}{_NONE})",
        rf"KeyError: ['\"]{_KEY_SETTING}['\"]|key not found: ['\"]{_KEY_SETTING}['\"]",
        rf"(?i:missing|no value for|set) {_KEY_SETTING}\b|{_KEY_SETTING}['\"]?\s{{0,3}}[:=]"
        r"\s{0,3}(?:['\"]{2}|(?i:null|none|undefined|<(?:empty|unset|not set|missing)>"
        r"|\(empty\)))?\s*$",
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
        "no_token|token|authorization|bearer|no jwt|no auth|credential|auth header|jwt|auth cookie"
        "|authoris",
        r"\bNO_TOKEN\b|\bno jwt (?:in|found|provided|sent|on)\b|\b(?:missing|no|absent)_(?:auth\w*_"
        r"|access_|bearer_)?(?:token|jwt|bearer|credentials?|authori[sz]ation)\b",
        rf"\bno (?:valid )?{_BEARER} (?:was |is )?(?:found|provided|present|supplied|received|in )",
        r"(?:missing|no) (?:authorization|bearer|auth)(?: header| token)\b"
        r"|\bmissing authori[sz]ation\b",
        r"authorization(?: header)? (?:is |was )?(?:missing|required\b(?! to)|absent"
        r"|not (?:found|present|sent))",
        r"(?:missing|no|without)(?: an?| any| the)? (?:credentials?|bearer credentials?|access "
        r"token|auth\w* (?:header|token|cookie))\b(?! (?:service|secret))|credentials? (?:were "
        r"|was )?not (?:provided|supplied|found)",
        r"(?:token|authorization|auth header|jwt)['\"]?\s*[:=]\s*(?:null|none|undefined|<empty>"
        r"|\(empty\)|['\"]{2})(?!\w)",
        r"authorization_present['\"\s:=]{1,5}false",
        rf"{_BEARER} (?:is |was )?(?:missing|required but not)",
    ),
    row(
        "token_expired",
        "expired"
        "|lapsed|no longer valid|in the past",
        r"TOKEN_EXPIRED|(?:token|signature|jwt)(?: has| is)? expired|ExpiredSignatureError",
        r"expired[ _](?:jwt|token|signature|bearer|credentials?|session)|(?:id|access|bearer"
        r"|refresh|auth|session)[ _]token‥expired|\bexp\b‥(?:in the past|passed|expired)|token is "
        r"no longer valid|token (?:has )?lapsed|invalid_token‥expired|session[ _](?:has )?expired",
    ),
    row(
        "token_refused",
        "token|jwt|signature|validation_failed|invalid_format|audience|issuer|segments|bearer|claim"
        "|kid|jwks|jws|jwe"
        "|key id|expected aud|expected iss|joseerror|wrong signing"
        "| aud |aud:|aud=|iss:|iss=",
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
        r"token is missing the \"?\w+\"? claim|(?:aud|audience|iss|issuer|claim)\b‥(?:mismatch"
        r"|does not match|did(?: not|n't) match|not allowed|unexpected|is invalid|invalid\b)",
        r"\bexpected (?:aud|iss|\w* ?claim)\b|incorrectclaimexception|invalidclaim|missingclaim"
        r"|signatureexception|jwtvalidation|jwtexception|jsonwebtokenerror|jwsinvalid\w*|joseerror"
        r"|invalidsignature\b|signature‥(?:invalid|mismatch|does not match|verification failed"
        r"|rejected|not valid|could not be verified)|(?:could not|cannot|can't|unable to) (?:verify"
        r"|validate|decode|parse) (?:the )?(?:\w+ )?(?:token|jwt|signature)",
        r"(?:unknown|no matching|unrecogni[sz]ed|no) (?:signing )?(?:kid|key id)\b|\bkid\b‥(?:not "
        r"found|unknown|not in)|(?:bearer|token|jwt) (?:was |is )?(?:rejected|refused|denied|bad"
        r"|wrong)|token (?:not yet valid|used before issued)|wrong (?:signing )?(?:key|secret"
        r"|audience|issuer)\b",
    ),
    row(
        "auth_refused",
        "auth_failed|auth_required|valid jwt",
        r"\bAUTH_(?:FAILED|REQUIRED)\b|valid jwt token required",
    ),
    row("auth_exception", "websocket_auth", r"\bWEBSOCKET_AUTH_(?:ERROR|EXCEPTION)\b"),
    row(
        "user_id_refused",
        "user_id|user id|userid|user-id|uuid|guid|ulid|subject|account id|account_id|account-id"
        "|username|user name|principal"
        "|accountid|user-name|user_name",
        r"(?:invalid|malformed|illegal|bad|unsupported) user[ _-]?id\b",
        rf"{_USER_ID}…(?:format|pattern)…(?:{_REFUSED}|not recogni[sz]ed|violat)",
        rf"{_USER_ID} (?:must|should|has to|needs to) (?:be|match|start|have|contain)\b"
        r"|(?:invalid|malformed) uuid\b…user|\buser\w{0,12}\b…(?:is )?not a (?:valid )?(?:uuid|guid"
        r"|ulid)|(?:subject|sub|account[ _-]?id|principal)\b (?:claim )?(?:does not match (?:the "
        r")?(?:pattern|format|required)|has an? (?:invalid|illegal|unsupported) (?:format|form"
        r"|character)|is not (?:an? )?(?:valid|allowed|accepted) (?:\w+ )?(?:format|form|id"
        r"|identifier))",
        r"(?:invalid|illegal|malformed|bad) (?:subject|account[ _-]?id|user[ _-]?name|principal "
        r"id)\b",
        rf"{_USER_ID}…(?:invalid format|does not match (?:the )?(?:pattern|format|any)|placeholder"
        rf"|forbidden pattern)",
    ),
    row(
        "user_unknown",
        "user|account|member|profile|subject|identity",
        r"\bUSER_NOT_FOUND\b|unknown user\b|\bno (?:such )?user (?:with|named|found|[\"'])",
        r"(?<!service )\b(?:user|account|member|subject|profile|identity)(?: with)?(?: id| name| "
        r"email| sub)?[ :=]+(?!(?:service|api|table|pool|role|agent|interface)\b)(?:['\"`<]?[\w@.+"
        r"|:'\"`>-]{1,60} )?(?:was |could )?(?:not (?:be )?(?:found|known|registered|in (?:the "
        r")?(?:database|directory))|does(?: not|n't) exist|is unknown|unknown\b|(?:has been |was "
        r"|is )?deleted)",
        r"\b(?:no|unknown|no such|missing) (?:user|account|member|profile)\b(?: (?:with|for|named"
        r"|found|matching|record|row|entry|has)|[\s:]*['\"`=]|$)|(?:unknown|no_such|missing"
        r"|nonexistent)_(?:user|account|member|subject)\b|(?:user|account|member|subject"
        r"|profile)_(?:not_found|unknown|missing|does_not_exist)\b",
        r"\b(?:user|account)(?:\.\w+)?(?:doesnotexist|notfound)\w*",
    ),
    row(
        "service_identity_refused",
        "unknown service|unknown_service|calling |service principal|service token|service client"
        "|service user|service role|service key"
        "|service-|invalid_client|unauthorized_client|workload identity|client certificate|client "
        "credential|calling service|internal call|internal client|internal token|caller|peer "
        "identity|machine|m2m|service:|service_|header value|service_id|service secret"
        "|service-to-service|service auth|inter-service|service id|cross-service|service credential"
        "|service account"
        "|client name|client_name",
        rf"\bservice:[\w.-]{{1,40}}…{_NO_ENTRY}|{_NO_ENTRY}…\bservice:\w",
        r"illegal header value|invalid_service_(?:id|secret)|service_not_configured",
        rf"service[ _-](?:principal|account|client|token|user|role|key)\b…(?:not (?:registered"
        rf"|known|found|allowed|permitted|authori[sz]ed|recogni[sz]ed)|unknown|disabled|revoked"
        rf"|lacks|expired|does not have|{_REFUSED})|\binvalid_client\b|unauthorized_client"
        r"|workload identity…(?:fail|denied|not)|client certificate\b…not (?:in|on) the \w{0,12} "
        r"?list"
        r"|client (?:certificate|credentials)[\w "
        r"]{0,12}(?:required|rejected|refused|invalid|missing|denied|not accepted)",
        rf"(?:calling service|internal (?:call|caller|client|token)|caller (?:service )?identity"
        rf"|peer identity|machine[- ]to[- ]machine|m2m)\b…{_NO_ENTRY}",
        rf"service[ _-](?:secret|id|identity|credentials?)\b…(?:{_REFUSED}|does(?: not|n't) match"
        rf"|trailing|newline|whitespace)",
        r"\"error\":\s?\"unknown[ _]service\"|calling [\w-]{1,30} as "
        r"[\"']?[\w.-]{1,30}[:/][\w.-]{1,40}[\"']?…(?:40[13]|denied|refused)",
        r"(?:inter-?service|service-to-service|cross-service|service) auth\w*…(?:fail|refused"
        r"|rejected|denied)",
    ),
    row(
        "other_identity",
        "credential|auth.|auth=|auth:|auth is|auth check|auth disabled|authentication |token check"
        "|token verif|token valid|jwt verif|jwt valid|signature verif|unauthenticated|nobody"
        "|default user|default_user|default-user|demo|anonymous|guest|permissive|impersonat"
        "|\"shared|different user|another user|other user|wrong user|bypassed|accepted with"
        "|\"me\"|'me'|\"you\"|'you'|auth off|auth skipped|auth optional",
        r"user_?id['\"\s:=]{1,5}(?:demo|anonymous|guest|default)",
        r"['\"](?:demo|anonymous|guest)[\w-]{0,40}['\"] (?:==|!=|is) ['\"]|['\"] (?:==|!=|is) "
        r"['\"](?:demo|anonymous|guest)[\w-]{0,40}['\"]",
        r"['\"](?:you|me|user|account|principal|identity|owner|login)['\"]\s?:\s?['\"](?:demo"
        r"|anonymous|guest|shared|public)\b",
        r"(?:connected|welcomed?|accepted|authenticated|running|logged in)[\w ]{0,30}? (?:as|for) "
        r"(?:user )?['\"]?(?:demo|anonymous|guest)",
        r"(?:permissive|demo|relaxed)[ _](?:auth\w*|mode)…(?:enabled|active|accept|on\b|allow"
        r"|granted|user)",
        r"(?:welcome\w*|server|socket|connect(?:ion|ed))…(?:different|another|other|wrong) user\b",
        r"accepted (?:without|with no) (?:a )?(?:valid )?(?:token|jwt|auth)",
        r"auth(?:entication)?[ _](?:was )?(?:silently )?bypassed",
        r"credentials? (?:are |were |is )?(?:not|never) (?:checked|verified|validated)"
        r"|auth(?:entication|[._]\w+)?\W{1,3}(?:is )?(?:permissive|disabled|off\b|skipped|optional)"
        r"|(?:skipping|disabled?|without) (?:auth(?:entication)?|token|jwt|signature) (?:check"
        r"|verification|validation)s?\b|allow_?anonymous\W{1,3}true|unauthenticated (?:access|user"
        r"|session)\b…(?:allow|accept|grant)",
        r"(?:sub(?:ject)?|user|account|identity|principal|logged in as|welcome)\W{1,4}(?:anonymous"
        r"|guest|demo[\w-]*|nobody|default[ _-]user)\b",
        r"(?:expected|sent|token|asked for|wanted)\b…(?:user|sub(?:ject)?|account"
        r"|identity)\b…(?:but |got|server (?:says|said|sees|greeted)|welcomed?|session (?:is|was) "
        r"for)…(?:user|sub(?:ject)?|account|identity|anonymous|guest|demo)",
    ),
)  # fmt: skip
