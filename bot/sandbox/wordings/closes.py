"""What is said as a socket is closed: the usual words, and two other voices."""

CLOSES = (
    ("SSOT Auth failed", "Authentication rejected", "Not authenticated"),
    ("Authentication failed", "Auth rejected", "Authentication unsuccessful"),
    ("Auth failed", "Auth error", "Could not authenticate"),
    (
        "Too many concurrent connections",
        "Connection limit reached for this user",
        "Maximum number of connections per user exceeded",
    ),
    ("Rate limit exceeded", "Too many messages", "Rate limited, slow down"),
    ("Internal error", "Internal server error", "Unexpected condition"),
    ("main mode error", "socket handler error", "handler failed"),
    (
        "Service not ready: startup phase 'services' not reached in {}",
        "Not ready: startup has not reached phase 'services' after {}",
        "Still starting: phase 'services' is pending ({})",
    ),
    ("Service startup incomplete", "Startup not complete", "Service is still starting up"),
    (
        "Startup phase '{}' did not reach 'services' within {}",
        "startup is still in phase '{}', 'services' not reached after {}",
        "start-up not finished: in phase '{}' after {}",
    ),
    (
        "Service initialization failed",
        "Could not initialise the service",
        "Initialisation of the service was not successful",
    ),
    (
        "User has reached the maximum number of WebSocket managers ({})",
        "Maximum number of WebSocket managers ({}) reached for this user",
        "too many WebSocket managers for this user, limit {}",
    ),
    (
        "Factory SSOT validation failed",
        "Factory type validation failed",
        "Type check in the manager factory failed",
    ),
    ("Critical factory failure", "Factory failed critically", "Fatal error in the manager factory"),
    (
        "Failed to establish connection",
        "Connection could not be established",
        "Unable to set up the connection",
    ),
    ("Service unavailable", "Unavailable", "The service cannot be used"),
    ("Service temporarily unavailable", "Try again later", "Overloaded, try later"),
    ("main cleanup", "cleanup", "session closed"),
    (
        "Connection establishment failed - graceful retry",
        "Connection not established - please retry",
        "Set-up failed, reconnect",
    ),
    ("No supported subprotocols", "Unsupported subprotocol", "No acceptable subprotocol offered"),
    ("Pre-authentication required.", "Pre-authentication needed.", "Policy: pre-authenticate."),
    ("Forbidden", "Access denied", "No access"),
    (
        "WebSocket connection error",
        "The WebSocket connection failed",
        "An error occurred on this socket",
    ),
    (
        "WebSocket is in an invalid state",
        "The WebSocket state is invalid",
        "Socket used in the wrong state",
    ),
    (
        'WebSocket is not connected. Need to call "accept" first.',
        'RuntimeError: Cannot call "send" before "accept" on a WebSocket.',
        'RuntimeError: WebSocket is not accepted yet. Call "accept" before "send".',
    ),
    (
        "An unexpected error occurred",
        "Something unexpected happened",
        "An unknown error has occurred",
    ),
    (
        "required service is missing",
        "a required service is not available",
        "a component that is needed is absent",
    ),
)
