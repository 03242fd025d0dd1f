"""What DBOS calls the states of a run, of those that matter here."""

WAITING = "ENQUEUED"
RUNNING = "PENDING"
ABANDONED = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
"""It was begun so often that DBOS does not begin it any more."""
CANCELLED = "CANCELLED"
