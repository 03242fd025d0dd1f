"""The names by which messages are kept, to be found again: of runs, their parts, incidents, routes.

The message that announced a run is kept by the run's id alone.
"""

INCIDENT = "incident:"
"""Begins the names of incidents' first messages, whose threads all else of them is in."""
ROUTE = "route:"
"""Begins the names of the last first messages on routes."""


def of_part(run_id: str, part: str) -> str:
    """Return the name of a further message about a run, or about what has an id like one."""
    return f"{run_id}/{part}"


def of_incident(id: str, route_key: str) -> str:
    """Return the name of an incident's first message on a route."""
    return f"{INCIDENT}{id}:{route_key}"


def incident_in(name: str) -> str:
    """Return the id of the incident whose first message has this name."""
    return name.removeprefix(INCIDENT).partition(":")[0]


def of_route(route_key: str) -> str:
    """Return the name of the last first message on a route: it tells the id of its channel."""
    return f"{ROUTE}{route_key}"
