"""What is said to a key or a token that is refused: the usual words, and two other voices."""

REFUSALS = (
    (
        "E2E test authentication is not available in production",
        "Test logins are switched off in production",
        "This is a production environment: no test tokens here",
    ),
    (
        "E2E test authentication is only available in staging environment, not {}",
        "Test logins exist on staging only; this is {}",
        "Test tokens are a staging feature, and ENVIRONMENT is {}",
    ),
    ("E2E bypass key required", "Missing bypass key header", "No bypass key was presented"),
    (
        "X-E2E-Bypass-Key header is required for test authentication",
        "Header X-E2E-Bypass-Key is missing",
        "Test authentication without X-E2E-Bypass-Key is not possible",
    ),
    (
        "E2E authentication not configured",
        "Test authentication is not set up on this server",
        "No bypass key has been configured for this service",
    ),
    (
        "E2E bypass key not configured: Secret Manager entry e2e-bypass-key is missing",
        "Test authentication is not set up: secret e2e-bypass-key was not found",
        "No bypass key has been configured: e2e-bypass-key is absent from the secret store",
    ),
    ("Invalid E2E bypass key", "Bypass key rejected", "The bypass key does not match"),
    ("Invalid JSON body", "Request body is not valid JSON", "Cannot decode the body as JSON"),
    (
        "Failed to generate E2E test tokens",
        "Could not create test tokens",
        "Token generation failed on the server",
    ),
    (
        "E2E test authentication failed: {}",
        "Could not authenticate the test user: {}",
        "Test login aborted: {}",
    ),
    (
        "Invalid Authorization header format",
        "Authorization header is malformed",
        "Cannot parse the Authorization header",
    ),
    (
        "No JWT token found in WebSocket connection",
        "No token was provided with the connection",
        "The handshake carried no bearer token",
    ),
    (
        "Token validation failed | Debug: {} chars, {} dots",
        "JWT validation error ({} characters, {} separators)",
        "The access token is not valid (length {}, dots {})",
    ),
    ("Token expired: {}", "JWT is expired: {}", "The access token has expired: {}"),
    (
        "Invalid user_id format: {}",
        "user_id has an unsupported format: {}",
        "The user id {} does not match any allowed pattern",
    ),
    (
        "Authentication failed: Valid JWT token required for WebSocket connection",
        "WebSocket authentication failed: a valid token is required",
        "You must authenticate before using this socket",
    ),
    (
        "WebSocket authentication failed",
        "The socket could not be authenticated",
        "Socket authentication was unsuccessful",
    ),
    (
        "user_context must be a UserExecutionContext instance",
        "TypeError: expected UserExecutionContext, got UserExecutionContext",
        "isinstance check failed: context is not an instance of ExecutionContext",
    ),
    (
        "Authentication service circuit breaker is open",
        "Circuit breaker for the authentication service is open",
        "Calls to the authentication service are suspended (circuit open)",
    ),
    (
        "circuit breaker OPEN for auth_service",
        "auth_service circuit state: OPEN after 5 failures",
        "breaker for auth service is open, next try in 30 s",
    ),
    (
        "Authentication service error",
        "The authentication service reported an error",
        "Upstream authentication failed",
    ),
    (
        "auth_service_unreachable: no answer within 0.5 s",
        "auth service unreachable: timed out after 500 ms",
        "could not reach the auth service: request timeout",
    ),
    (
        "403: Not authenticated (service:netra-backend)",
        "auth service answered 403 to service netra-backend: not authenticated",
        "service account netra-backend was not authenticated by the auth service (403)",
    ),
    (
        r"Illegal header value b'netra-backend\n'",
        r"Invalid header value: 'X-Service-ID: netra-backend\n'",
        r"Header value contains a line break: b'netra-backend\n' (X-Service-ID)",
    ),
    (
        "auth service returned 503 Service Unavailable",
        "auth service responded with HTTP 503",
        "got 503 from the authentication service",
    ),
    (
        "SERVICE_SECRET not configured: inter-service authentication failed (401)",
        "inter-service authentication impossible: SERVICE_SECRET is not set",
        "no SERVICE_SECRET: the auth service does not know this service (401)",
    ),
    ("User not found in database", "user does not exist", "no such user"),
    ("No active user with this id", "user is not active or not found", "unknown or inactive user"),
    (
        "WebSocket authentication exception",
        "Exception while authenticating the WebSocket",
        "Socket authentication crashed",
    ),
    (
        "WebSocket authentication error",
        "Error while authenticating the WebSocket",
        "Socket authentication did not complete",
    ),
    (
        "AttributeError: 'NoneType' object has no attribute 'validate_token'",
        "AttributeError: 'NoneType' object has no attribute 'verify'",
        "TypeError: 'NoneType' object is not callable",
    ),
    (
        "'coroutine' object has no attribute 'get'",
        "'coroutine' object has no attribute 'headers'",
        "TypeError: 'coroutine' object is not subscriptable",
    ),
    ("Not authenticated", "Unauthenticated", "Login required"),
)
