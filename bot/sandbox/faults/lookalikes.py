"""Faults that no client can tell apart, and who could."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalikes:
    """Faults that look the same to every client.

    The right answer names their common surface, or all of `labels`, and gives `experiment` as
    what would tell them apart. `labels` are the true causes.
    """

    faults: tuple[str, ...]
    labels: frozenset[str]
    experiment: str


LOOKALIKES = (
    Lookalikes(
        faults=(
            "backend-edge-503",
            "crash-loop-database",
            "crash-loop-secret",
            "crash-loop-import",
            "crash-loop-tables",
            "crash-loop-not-listening",
        ),
        labels=frozenset(
            {
                "dependency_db_down",
                "startup_config_invalid",
                "startup_code_error",
                "db_schema_missing",
            }
        ),
        experiment="Read the last error lines in the log of the backend's newest revision.",
    ),
    Lookalikes(
        faults=("bypass-key-mismatch", "bypass-key-client-drift"),
        labels=frozenset({"bypass_key_mismatch"}),
        experiment="Compare the fingerprints of the client's key, of the stored secret and of what"
        " the running revision holds.",
    ),
    Lookalikes(
        faults=(
            "jwt-secret-drift",
            "issuer-changed",
            "audience-changed",
            "claim-nobody-sets",
            "token-blacklisted",
            "service-identity-hidden",
        ),
        labels=frozenset({"jwt_rejected", "service_auth_misconfigured"}),
        experiment="Read what the backend logs when it refuses the token: the claim, the signature,"
        " or the answer of the auth service.",
    ),
    Lookalikes(
        faults=(
            "upgrade-403",
            "upgrade-403-secret-drift",
            "upgrade-403-token-stripped",
            "upgrade-403-issuer",
        ),
        labels=frozenset({"jwt_rejected", "jwt_token_absent", "ws_handshake_forbidden"}),
        experiment="Read what the backend and the load balancer log for the refused upgrade.",
    ),
    Lookalikes(
        faults=("internal-error", "internal-error-enumeration", "internal-error-managers"),
        labels=frozenset({"ws_server_code_error", "ws_quota_exceeded"}),
        experiment="Read the exception in the backend's log at the moment of the close.",
    ),
    Lookalikes(
        faults=("no-handler", "supervisor-missing"),
        labels=frozenset({"pipeline_request_invalid", "startup_config_invalid", "event_timeout"}),
        experiment="Read in the backend's log what became of the request.",
    ),
)
