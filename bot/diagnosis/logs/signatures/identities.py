"""What proxies, platforms and libraries say of who may come in, in words of their own."""

from bot.diagnosis.logs.signatures.signature import Signature, row

_USER = r"(?:user|account|member|subject|profile|principal)"
_ID = (
    r"(?:(?:user|account|member|subject|profile|principal)?[ _-]?(?:id|identifier|name|sub)\b"
    r"|\bprincipal\b)"
)
_BEARER = r"(?:token|jwt|bearer|credentials?|authori[sz]ation(?: header)?)"

IDENTITIES: tuple[Signature, ...] = (
    row(
        "user_id_refused",
        "subject|user_id|user id|userid|identifier|account|user name|username|uuid|\"sub|sub "
        "|principal|bad_user|bad_sub",
        rf"\b{_ID}…(?:must (?:match|be|start|contain|have)|should (?:be|match)|contains? (?:a "
        rf")?(?:reserved|forbidden|illegal|invalid)|is reserved|reserved (?:prefix|name|word)|does "
        rf"not (?:match|conform)|not (?:a )?(?:valid|well-formed)|too (?:long|short)|illegal char"
        rf"|violates|fails (?:the )?(?:pattern|format|check|validation)|(?:contains|has|with) "
        rf"(?:\w+ )?char\w* (?:outside|not|other|that))",
        r"\b(?:invalid|bad|illegal|malformed)_(?:subject|sub|user|user_?name|account"
        r"|principal)(?:_id)?\b",
        r"\[[\"']?user_?id[\"']?\]…(?:valid uuid|uuid_parsing|should|pattern)",
    ),
    row(
        "user_unknown",
        "no rows|users where|could not load|account_not|profile|user_not|usernotfound|no user"
        "|recordnotfound|resultnotfound|unknown_user|couldn't find|cannot find user"
        "|can't find|can't load|can't get|cannot load|member_not|membernotfound"
        "|accountnotfound|subjectnotfound",
        rf"no rows?\b…\bfrom \"?(?:{_USER}s?)\b|(?:couldn't|could not|cannot|can't|failed to"
        rf"|unable to)"
        rf" (?:find|load|fetch|locate|get) (?:the )?{_USER}\b(?! (?:service|api))",
        rf"\b{_USER}_?not_?found\b|recordnotfound‥{_USER}",
    ),
    row(
        "token_absent",
        "strip|dropped|removed|without cred|without a token|without token|without auth|saw none|no "
        "credentials|unauthenticated|anonymous request|not carry|did not send|header absent"
        "| lost|no jwt|no token|no bearer|without jwt|without bearer|without any"
        "|never arrived|never sent|never reached",
        rf"\b{_BEARER}\b…(?:stripped|dropped|removed|lost|not forwarded|never (?:arrived|sent"
        rf"|reached)|did(?: not|n't) (?:arrive|reach)|absent)",
        rf"without (?:an? |any |valid )?{_BEARER}\b|(?:carr\w+|sent|came with|had|has) no "
        rf"{_BEARER}\b|did(?: not|n't) (?:send|carry|include|attach) (?:an? |any |the "
        rf")?{_BEARER}\b",
    ),
    row(
        "token_refused",
        "audience|issuer|aud |iss |bearer|token|jwt|rsa|ecdsa|hmac|claim|verification error|jws"
        "|aud:|aud=|iss:|iss=|scope",
        r"(?:\baud(?:ience)?|\biss(?:uer)?|claims?|scopes?)\b…(?:does not (?:contain|match"
        r"|include)|not "
        r"(?:contain|accepted|allowed|trusted|in\b)|mismatch|is wrong|differs|untrusted)",
        r"(?:bearer|token|jwt|jws)\b[^\n{}]{0,30}?(?:verification|validation|check|decoding"
        r"|parsing)\b[^\n{}]{0,20}?(?:fail\w*|error|rejected)|crypto/\w+: verification error"
        r"|(?:token|jwt) (?:used|issued) (?:before|in the future)|illegal base64…(?:token|jwt)",
    ),
    row(
        "service_identity_refused",
        "permissiondenied|permission_denied|caller|iam|not allowed to call|service mesh|rbac|peer"
        "|spiffe|client authentication failed|service-to-service",
        r"permission_?denied\b…(?:caller|service|principal|iam|serviceaccount)|\bcaller \S+ (?:is "
        r"|was )?(?:not (?:allowed|authori[sz]ed|permitted)|denied|refused|unknown)|rbac: access "
        r"denied|not allowed to call|client authentication failed|spiffe://\S+…(?:denied|refused"
        r"|not allowed)",
    ),
    row(
        "other_identity",
        "every caller|all callers|any caller|greeted|treating|auth disabled|auth is disabled|no "
        "auth|authentication disabled|instead of|someone else|every request|all requests|every "
        "connection|every user|auth_mode|auth mode|auth-mode"
        "|turned off|switched off|authmode|any user|all users|any request",
        r"\b(?:every|all|any) (?:request|caller|connection|user|client)s? (?:runs?|acts?|counts?"
        r"|(?:is"
        r"|are) (?:treated|served|handled|logged in|accepted|run)) as\b"
        r"|\bauth[_ -]?mode\W{1,3}(?:open|none|off|disabled|anonymous|permissive|demo)\b",
        r"(?:treat\w*|accept\w*|regard\w*) (?:every|all|any) (?:caller|user|request|connection"
        r"|client)s? as|auth\w* (?:is |was )?(?:disabled|switched off|turned off)\b",
        r"expected\b…\buser\b…(?:greeted|welcomed?|got|sees?|saw|is|was)\b…(?:demo|public|guest"
        r"|anonymous|default|someone)|(?:greeted|welcomed|connected|session) (?:us )?(?:as"
        r"|for)\b…(?:instead of|not as|but (?:we|the token|expected))",
    ),
    row(
        "auth_service_down",
        "jwks|well-known|openid|oidc|introspect",
        r"(?:fetch|load|get|refresh|retriev|download|reach|discover)\w*\b…(?:jwks|well-known|openid"
        r"|oidc|introspect\w*)\b",
        r"(?:jwks|well-known|openid|oidc|introspect\w*)\b[^\n]{0,100}?(?:fail\w*|timed? ?out"
        r"|timeout|deadline|refused|unreachable|unavailable|50[0-4]|error)",
    ),
    row(
        "token_absent",
        "full authentication|not present|credentials not|cookie"
        "|credentials were not",
        r"full authentication is required|(?:authorization|token|jwt|bearer|cookie"
        r"|credentials?)\b['\"]? (?:header )?(?:is |was |are )?not present\b|authentication "
        r"credentials were not provided",
    ),
    row(
        "token_expired",
        "exp=|exp:|exp =|lifetime|too old|ttl",
        r"\bexp\W{1,3}\d{9,}…\bnow\W{1,3}\d{9,}|\bnow\W{1,3}\d{9,}…\bexp\W{1,3}\d{9,}|token (?:is "
        r")?too old|token (?:lifetime|ttl) exceeded",
    ),
    row(
        "other_identity",
        "garbage|bogus|negative test|forged|shared-|guest|/me|whoami|tampered|without a token"
        "|despite|even though|although",
        r"(?:accepted|connected|allowed|let in|upgrade ok|101)\b…(?:although|even though|despite"
        r"|with) (?:the |a |an )?(?:\w+ )?(?:garbage|bogus|forged|tampered|invalid|expired|wrong"
        r"|missing|no) ?(?:token|jwt|credentials?|signature)?|(?:garbage|bogus|forged|tampered) "
        r"(?:token|jwt|credentials?)\b…(?:accepted|passed|allowed|101)|(?:token|credentials?) was "
        r"(?:garbage|bogus|forged)",
        r"(?:/me|whoami|session|profile)\b[^\n]{0,40}?(?:guest|anonymous|demo|shared|public)",
    ),
    row(
        "bypass_key_refused",
        "key fingerprint|does not equal|key hash|keys differ|key differs|not equal|secret differs"
        "|secrets differ"
        "|!=|<>",
        r"(?:login|test|e2e|qa|synthetic|bypass)\b[^\n{}]{0,20}?(?:key"
        r"|secret)[^\n{}]{0,40}?(?:does not equal|not equal|differs?|!=|<>)|(?:key|secret)s? "
        r"(?:fingerprint|hash)\w*…(?:does not equal|differs?|!=|mismatch|does not match)",
    ),
    row(
        "user_unknown",
        "record|row|entry|directory|document",
        r"\b(?:user|account|member|profile) (?:record|row|entry|document)\b…(?:not found|missing"
        r"|does not exist|absent)|\bno (?:record|row|entry|document) (?:for|of) (?:user|account"
        r"|member|sub)\b|not found in (?:the )?(?:user )?directory",
    ),
)  # fmt: skip
