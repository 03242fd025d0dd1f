"""Entries about reaching the target, and about what it depends on."""

from collections.abc import Mapping

from bot.diagnosis.catalogue.entry import HISTORY, RUN_AGAIN, Entry, by_command, by_hand
from bot.labels import Label
from bot.model import Severity

REACH: Mapping[Label, Entry] = {
    Label.HEALTHY: Entry(
        title="Healthy",
        meaning="Every step passed, with evidence that it really ran.",
        where="Nowhere",
        severity=Severity.LOW,
        owner="nobody",
        impact="None.",
        remedies=(HISTORY,),
    ),
    Label.DNS_FAILURE: Entry(
        title="Host name does not exist",
        meaning="A host name of the target has no address.",
        where="The target's URLs in stagecheck's configuration; the DNS zone",
        severity=Severity.CRITICAL,
        owner="platform",
        impact="Nothing behind that name can be reached.",
        remedies=(
            by_hand(
                "Correct the host name in the target's configuration, or create its DNS record"
            ),
            RUN_AGAIN,
        ),
    ),
    Label.TLS_FAILURE: Entry(
        title="TLS certificate refused",
        meaning="A service shows a certificate that cannot be trusted for its name.",
        where="The certificate of the load balancer; the target's URLs and ca_file",
        severity=Severity.CRITICAL,
        owner="platform",
        impact="No client that verifies certificates can connect.",
        remedies=(
            by_hand("Renew the certificate, or use a host name it was issued for"),
            RUN_AGAIN,
        ),
    ),
    Label.WRONG_TARGET: Entry(
        title="Wrong address, port or path",
        meaning="What was asked is not where the service lives.",
        where="The target's URLs and paths in stagecheck's configuration",
        severity=Severity.HIGH,
        owner="owner of the configuration",
        impact="The check tests something else than staging.",
        remedies=(
            by_hand("Compare the URLs, ports and paths with those of the deployment"),
            by_command("Show the configured targets", "targets"),
            RUN_AGAIN,
        ),
    ),
    Label.BACKEND_5XX: Entry(
        title="Backend answers with a 5xx",
        meaning="The backend, or the edge in front of it, answers with a server error.",
        where="The platform's log of the newest backend revision",
        severity=Severity.CRITICAL,
        owner="backend",
        impact="Nobody can use staging.",
        remedies=(
            by_hand("Read the last error lines of the newest backend revision"),
            by_hand("Move traffic back to the last revision that served"),
            RUN_AGAIN,
        ),
    ),
    Label.BACKEND_UNRESPONSIVE: Entry(
        title="Backend does not answer",
        meaning="The connection is taken, and no answer comes in time.",
        where="The backend's instances: start-up, load, and what they wait for",
        severity=Severity.CRITICAL,
        owner="backend",
        impact="Nobody can use staging.",
        remedies=(
            by_hand("Look for instances that hang in start-up or wait for a dependency"),
            RUN_AGAIN,
        ),
    ),
    Label.STARTUP_CONFIG_INVALID: Entry(
        title="Start-up stopped by its configuration",
        meaning="The service did not start fully: a setting is missing or not allowed.",
        where="The settings and secrets mapped into the revision",
        severity=Severity.CRITICAL,
        owner="platform",
        impact="The service does not serve.",
        remedies=(
            by_hand("Set what the message names, and deploy again"),
            RUN_AGAIN,
        ),
    ),
    Label.STARTUP_CODE_ERROR: Entry(
        title="Start-up stopped by a code error",
        meaning="An exception in the code or the packaging ended the start-up.",
        where="The start-up log of the newest revision",
        severity=Severity.CRITICAL,
        owner="backend",
        impact="The service does not serve.",
        remedies=(
            by_hand(
                "Fix the exception that the message quotes, and try the import inside the image"
            ),
            by_hand("Move traffic back to the last revision that served"),
            RUN_AGAIN,
        ),
    ),
    Label.STARTUP_RACE: Entry(
        title="Asked before start-up had finished",
        meaning="The socket was served before the start-up phases it needs were through.",
        where="The backend's readiness gate in front of the socket",
        severity=Severity.HIGH,
        owner="backend",
        impact="Connections fail until start-up is through.",
        remedies=(
            RUN_AGAIN,
            by_hand("If it stays: find the start-up phase that never ends"),
            by_hand("Hold traffic back until start-up is complete"),
        ),
    ),
    Label.DEPENDENCY_DB_DOWN: Entry(
        title="Database down",
        meaning="The database cannot be reached, or does not answer in time.",
        where="The database instance; its address, password and network path",
        severity=Severity.CRITICAL,
        owner="platform",
        impact="What needs stored data fails.",
        remedies=(
            by_hand("Check the database instance and the network path to it"),
            RUN_AGAIN,
        ),
    ),
    Label.DB_SCHEMA_MISSING: Entry(
        title="Database schema incomplete",
        meaning="A table, column or migration is missing.",
        where="The migrations of the deployed revision",
        severity=Severity.CRITICAL,
        owner="backend",
        impact="What needs that table fails.",
        remedies=(
            by_hand("Run the migrations for the deployed revision"),
            RUN_AGAIN,
        ),
    ),
    Label.DEPENDENCY_REDIS_DOWN: Entry(
        title="Redis down",
        meaning="Redis cannot be reached, or refuses the password.",
        where="The Redis instance; its address, password and network path",
        severity=Severity.HIGH,
        owner="platform",
        impact="Sessions and caches fail.",
        remedies=(
            by_hand("Check the Redis host, password and network path"),
            RUN_AGAIN,
        ),
    ),
    Label.DEPENDENCY_CLICKHOUSE_DOWN: Entry(
        title="ClickHouse down",
        meaning="ClickHouse cannot be reached.",
        where="The ClickHouse instance; its address, password and firewall",
        severity=Severity.MEDIUM,
        owner="platform",
        impact="Analytics are missing.",
        remedies=(
            by_hand("Check the ClickHouse host, password and firewall"),
            RUN_AGAIN,
        ),
    ),
    Label.DEPENDENCY_LLM_UNAVAILABLE: Entry(
        title="Language model not available",
        meaning="Agents have no language model: never set up, or its provider does not answer.",
        where="The start-up of the model client; the provider's keys and status",
        severity=Severity.CRITICAL,
        owner="agents",
        impact="Agents cannot answer.",
        remedies=(
            by_hand("Check the provider's key and that the model client is set up at start-up"),
            RUN_AGAIN,
        ),
    ),
    Label.AUTH_SERVICE_UNAVAILABLE: Entry(
        title="Auth service not available",
        meaning="The auth service is down, too slow, or fails inside.",
        where="The auth service's instances and log",
        severity=Severity.CRITICAL,
        owner="auth",
        impact="No token can be issued or checked.",
        remedies=(
            by_hand("Read the auth service's log of the same minute"),
            RUN_AGAIN,
        ),
    ),
}
