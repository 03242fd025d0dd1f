"""Runs whose bypass key was refused, as their observations."""

from bot.model import Json, Run
from tests.evidence import EXCHANGED, KEY_REFUSED, asked, run

_WORKED = {"names": ["agent_started", "agent_completed"], "end": "terminal"}


def carried(**exchange: Json) -> Run:
    """Return a run that the fallback token carried; `exchange` is what the exchange showed."""
    seen = asked(KEY_REFUSED, **_WORKED) | exchange_facts(exchange)
    known = {path: value for path, value in seen.items() if value is not None}
    return run(known, status="degraded", failed=("exchange",), degraded=("token",))


def exchange_facts(facts: dict[str, Json]) -> dict[str, Json]:
    """Return facts by their path: ``status`` is of the exchange, ``key_dummy__status`` as named."""
    return {
        path.replace("__", ".") if "__" in path else f"exchange.{path}": value
        for path, value in facts.items()
    }


INVALID = carried()
SAME_KEY_BEFORE = run({**EXCHANGED}, status="passed")
OTHER_KEY_BEFORE = run({**EXCHANGED, "exchange.key_fingerprint": "0000"}, status="passed")
