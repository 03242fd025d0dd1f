"""What a person can do about an incident, in its first message: buttons, a menu, people to pick.

Whatever is pressed or picked becomes a line of the command grammar.
"""

import zlib
from collections.abc import Iterator

from bot.alerting.model import Incident, IncidentState
from bot.model import Json
from bot.report.blocks import actions, offered, plain
from bot.report.buttons import again_button
from bot.report.parts import Button, Menu
from bot.target import DEFAULT_CHECK, KEY_CHECK

PICK = "pick:"
"""Begins the action_id of a menu of people: the rest, and who was picked, are the line."""
MENU = "menu:"
"""Begins the action_id of a menu whose options hold lines."""
BLOCK = "incident_"
"""Begins the block_id of what stays to be pressed for as long as the incident is open."""

_MOST_BUTTONS = 5
_MOST_OPTIONS = 100  # Slack's limit for a select


def open_controls(incident: Incident) -> Json:
    """Return the actions block of an open incident; at most one button in it is primary."""
    block = actions(offered(tuple(_buttons(incident)), _MOST_BUTTONS))
    block["elements"] += [_assign(incident), _menu(incident)]
    return block | {"block_id": _block_id(incident)}


def closed_controls(incident: Incident) -> Json:
    """Return what is left to do when an incident is over."""
    block = actions((Button(label="Export Post-mortem", command=f"postmortem {incident.id}"),))
    return block | {"block_id": _block_id(incident)}


def acknowledge_control(incident: Incident) -> Json:
    """Return the one button of a reminder and of an escalation."""
    button = Button(label="Acknowledge", command=f"ack {incident.id}", style="primary")
    return actions((button,)) | {"block_id": _block_id(incident)}


def menu_block(content: Menu, name: str) -> Json:
    """Return a menu to pick a line from; `name` is unique among those of a message."""
    return {
        "type": "static_select",
        "action_id": f"{MENU}{name}",
        "placeholder": plain(content.label, 30),
        "options": [
            {"text": plain(words, 75), "value": line}
            for words, line in content.options[:_MOST_OPTIONS]
        ],
    }


def _buttons(incident: Incident) -> Iterator[Button]:
    is_new = incident.state is IncidentState.TRIGGERED
    is_verifying = bool(incident.verifying_by)
    if is_new:
        style = "" if is_verifying else "primary"
        yield Button(label="Acknowledge", command=f"ack {incident.id}", style=style)
    # What takes the place of a button that was pressed is what a second press does no harm with.
    failed_last = incident.checks[-1] if incident.checks else DEFAULT_CHECK
    for check in dict.fromkeys((failed_last, KEY_CHECK)):
        yield again_button(check, incident.target)
    style = "" if is_new or is_verifying else "primary"
    yield Button(label="I Fixed It", command=f"fixed {incident.id}", style=style)


def _assign(incident: Incident) -> Json:
    return {
        "type": "users_select",
        "action_id": f"{PICK}assign {incident.id}",
        "placeholder": plain("Assign…", 30),
    }


def _menu(incident: Incident) -> Json:
    lines = {
        "Mute…": f"mute {incident.target}",
        "Severity…": f"severity {incident.id}",
        "Resolve…": f"resolve {incident.id}",
        "Add a Note…": f"note {incident.id}",
        "Export Post-mortem": f"postmortem {incident.id}",
    }
    return {
        "type": "overflow",
        "action_id": f"{MENU}{incident.id}",
        "options": [{"text": plain(label, 75), "value": line} for label, line in lines.items()],
    }


def _block_id(incident: Incident) -> str:
    # Another one for every state: Slack then draws the menus anew, with nobody picked in them.
    return f"{BLOCK}{incident.id}_{zlib.crc32(repr(incident).encode()):08x}"
