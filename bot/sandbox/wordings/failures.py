"""What is said of starts, stores and agents that fail: the usual words, and two other voices."""

FAILURES = (
    (
        "Startup aborted: required configuration missing: SERVICE_SECRET, DATABASE_HOST",
        "Boot failed: required environment variables are not set: SERVICE_SECRET, DATABASE_HOST",
        "Cannot start: missing required setting SERVICE_SECRET",
    ),
    (
        "Startup aborted: ModuleNotFoundError: No module named 'auth_service'",
        "Boot failed: ImportError: cannot import name 'verify' from 'auth_service'",
        "Cannot start: SyntaxError: invalid syntax (routes.py, line 41)",
    ),
    (
        "Startup aborted: database initialization timed out after {} s",
        "Boot failed: timed out connecting to the database after {} s",
        "Cannot start: no connection to PostgreSQL within {} s",
    ),
    (
        "Startup aborted: required tables missing: {}",
        "Boot failed: missing database tables: {}",
        "Cannot start: these tables do not exist: {}",
    ),
    (
        "Startup aborted: redis: {}",
        "Boot failed: redis connection error: {}",
        "Cannot start: redis: {}",
    ),
    (
        "Startup aborted: NameError: name 'SessionManager' is not defined",
        "Boot failed: NameError: name 'settings' is not defined",
        "Cannot start: AttributeError: module 'app' has no attribute 'router'",
    ),
    (
        "Core database unavailable",
        "Main database is not reachable",
        "Database connection is down",
    ),
    (
        "Database connectivity failed",
        "Cannot connect to the database",
        "No connection to the database",
    ),
    ("Service readiness check failed", "Not ready", "The readiness probe did not succeed"),
    (
        "connection to server at {} failed: timeout expired",
        "could not connect to PostgreSQL at {}: connection timed out",
        "psycopg.OperationalError: connection to {} refused",
    ),
    (
        "Error -3 connecting to redis:6379. Temporary failure in name resolution.",
        "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.",
        "Timeout connecting to the Redis server redis:6379",
    ),
    (
        "Error -3 connecting to redis:6379. Name lookup failed.",
        "Error -2 connecting to redis:6379. Name or service not known.",
        "Redis connection lost: redis:6379",
    ),
    (
        "ClickHouse connection timeout after 10 s; circuit breaker OPEN",
        "ClickHouse did not answer within 10 s, breaker is open",
        "clickhouse: connection refused; calls are suspended",
    ),
    (
        "No LLM manager available: 'NoneType' object has no attribute 'ask_llm'",
        "LLM manager not initialised: 'NoneType' object has no attribute 'generate'",
        "the language model client is not available (LLM manager missing)",
    ),
    ("LLM Manager is None", "LLM manager was not initialised", "there is no LLM manager"),
    (
        "LLM provider not configured: GEMINI_API_KEY is missing",
        "no API key for the LLM provider: OPENAI_API_KEY is not set",
        "LLM unavailable: the provider's API key is missing",
    ),
    (
        "LLM request failed: 429 insufficient_quota: You exceeded your current quota",
        "model provider answered 429 RESOURCE_EXHAUSTED: quota exceeded",
        "the LLM's quota for this month is exhausted",
    ),
    (
        'relation "agent_executions" does not exist',
        'UndefinedTable: relation "agent_runs" does not exist',
        "no such table: agent_executions",
    ),
    (
        'column "run_metadata" of relation "agent_executions" does not exist',
        'UndefinedColumn: column "tenant_id" does not exist',
        "no such column: agent_executions.run_metadata",
    ),
    (
        "UserExecutionContext.__init__() got an unexpected keyword argument 'metadata'",
        "AgentContext.__init__() missing 1 required positional argument: 'user_id'",
        "TypeError: run() takes 2 positional arguments but 3 were given",
    ),
    (
        "cannot pickle 'module' object",
        "cannot pickle '_contextvars.Context' object",
        "TypeError: cannot pickle '_thread.lock' object",
    ),
    (
        "AGENT_NOT_FOUND: supervisor is not registered (registry size 0)",
        "agent 'supervisor' not found: the registry is empty",
        "KeyError: 'supervisor' is not a registered agent",
    ),
    (
        "'AgentRegistryAdapter' object has no attribute 'get_async'",
        "'AgentRegistry' object has no attribute 'get_async'",
        "AttributeError: 'Registry' object has no attribute 'lookup'",
    ),
    (
        "'coroutine' object has no attribute '_user_id'",
        "'coroutine' object has no attribute 'thread_id'",
        "AttributeError: 'coroutine' object has no attribute 'user'",
    ),
    (
        "RuntimeError: agent task was cancelled after an unhandled exception",
        "RuntimeError: agent task ended with an unhandled exception",
        "RuntimeError: the agent's task group failed",
    ),
    (
        "redis: AUTH <password> called without any password configured for the default user",
        "redis: WRONGPASS invalid username-password pair or user is disabled",
        "redis: NOAUTH Authentication required",
    ),
    (
        "AUTH <password> called without any password configured for the default user",
        "WRONGPASS invalid username-password pair or user is disabled",
        "NOAUTH Authentication required",
    ),
    (
        "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
        "could not obtain a database connection from the pool within 30 s",
        "database connection pool exhausted, timed out",
    ),
    (
        "Failed to process the agent request",
        "The agent request could not be processed",
        "Agent request failed",
    ),
    (
        "NameError: name 'execution_result' is not defined",
        "NameError: name 'result' is not defined",
        "UnboundLocalError: cannot access local variable 'result'",
    ),
    (
        "create_server_message() missing 1 required positional argument: 'data'",
        "build_frame() got an unexpected keyword argument 'payload'",
        "TypeError: make_message() takes 1 positional argument but 2 were given",
    ),
    (
        "name 'time' is not defined",
        "name 'json' is not defined",
        "NameError: name 'uuid' is not defined",
    ),
    (
        "name 'get_connection_state_machine' is not defined",
        "name 'state_machine' is not defined",
        "ImportError: cannot import name 'get_connection_state_machine'",
    ),
    (
        "UnboundLocalError: cannot access local variable 'is_production' where it is not"
        " associated with a value",
        "UnboundLocalError: local variable 'is_staging' referenced before assignment",
        "UnboundLocalError: cannot access local variable 'mode' where it is not associated with"
        " a value",
    ),
    (
        "Direct instantiation not allowed. Use WebSocketManagerFactory instead.",
        "RuntimeError: WebSocketManager must be created by its factory",
        "RuntimeError: do not instantiate directly, use the factory",
    ),
    (
        "object UnifiedWebSocketManager can't be used in 'await' expression",
        "object NoneType can't be used in 'await' expression",
        "TypeError: object dict can't be used in 'await' expression",
    ),
)
