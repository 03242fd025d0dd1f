"""Nuisances of the socket: greetings of several eras, heartbeats, layouts of healthy events."""

from bot.sandbox.behaviour import Shape
from bot.sandbox.nuisances.nuisance import Nuisance

# Where the names of tools' events are gone, nobody can see that one of them is missing.
_TOLD_BY_NAMES = frozenset({"tool-completed-missing", "tool-executing-missing"})

# With fewer events a run is over before its socket has the age at which it is cut.
_OVER_BEFORE = frozenset({"socket-dies-at-age"})


def _greeting(name: str, summary: str, **server: object) -> Nuisance:
    return Nuisance(name=f"greeting-{name}", summary=summary, server=server)


SOCKET_NUISANCES = (
    _greeting(
        "handshake-validation",
        "A handshake_validation frame comes before the welcome.",
        handshake_validation=True,
    ),
    _greeting("flat", "The welcome's fields are not wrapped.", welcome="flat"),
    _greeting("wrapped", "The welcome has its own name and its fields in data.", welcome="wrapped"),
    _greeting("factory", "The welcome bears the name of its mode.", welcome="factory"),
    _greeting(
        "connect",
        "The welcome is renamed to connect and shows only the start of the user's id.",
        welcome="connect",
    ),
    _greeting(
        "thread",
        "A handshake_response and a thread_created follow the welcome.",
        announces_thread=True,
    ),
    _greeting("pings-first", "Several pings come before the welcome.", extra_pings=3),
    _greeting("welcome-first", "The welcome comes before the first ping.", ping_first=False),
    Nuisance(
        name="slow-welcome",
        summary="The welcome takes its time.",
        server={"slow": {"welcome": True}},
    ),
    Nuisance(
        name="slow-events",
        summary="Every event takes its time.",
        server={"slow": {"events": True}},
        # The second end would come when nobody listens any more.
        not_with=frozenset({"two-terminals"}),
    ),
    Nuisance(
        name="long-silence",
        summary="Nothing comes for a while, then the run ends well.",
        server={"slow": {"silence": True}},
    ),
    Nuisance(
        name="heartbeats-between",
        summary="A ping and a heartbeat come after every event.",
        server={"beats_between": True},
    ),
    Nuisance(
        name="control-pings",
        summary="The protocol's own pings come before every frame.",
        server={"control_pings": True},
    ),
    Nuisance(
        name="uncompressed-frames",
        summary="The server does not compress frames, though it was offered.",
        server={"compresses": False},
    ),
    Nuisance(
        name="nested-agents",
        summary="agent_started comes four times, once per nested agent.",
        server={"starts": 4},
    ),
    Nuisance(
        name="repeated-progress",
        summary="Every agent_thinking comes three times.",
        server={"thoughts": 3},
    ),
    Nuisance(
        name="retried-events",
        summary="Events arrive twice, the second time marked as a second attempt.",
        server={"attempt": 2},
    ),
    Nuisance(
        name="prefixed-names",
        summary="Names of events are written the way an enumeration prints them.",
        server={"prefixed_names": True},
    ),
    Nuisance(
        name="names-in-data",
        summary="The name of an event is in its data only.",
        server={"name_in_data": True},
    ),
    Nuisance(
        name="collapsed-names",
        summary="The server's normaliser renames the events on the way out.",
        server={"collapsed_names": True},
        not_with=_TOLD_BY_NAMES,
    ),
    Nuisance(
        name="bridge-events",
        summary="Events are laid out as the bridge does: fields in payload.",
        server={"shape": Shape.BRIDGE},
    ),
    Nuisance(
        name="flat-events",
        summary="Events are laid out flat.",
        server={"shape": Shape.FLAT},
    ),
    Nuisance(
        name="october-events",
        summary="Events are system_messages with the name beside the payload.",
        server={"shape": Shape.OCTOBER},
    ),
    Nuisance(
        name="no-tools",
        summary="The agent used no tool: there are no tool events.",
        server={"script": ("agent_started", "agent_thinking", "agent_completed")},
        not_with=_OVER_BEFORE,
    ),
    Nuisance(
        name="no-thoughts",
        summary="The agent used no tool and told no thought: two events are the whole run.",
        server={"script": ("agent_started", "agent_completed")},
        not_with=_OVER_BEFORE,
    ),
    Nuisance(
        name="large-frames",
        summary="Every event has a quarter of a megabyte, which is legal.",
        server={"padding_chars": 200_000},
    ),
    Nuisance(
        name="unicode-text",
        summary="Agents speak in many scripts, some from right to left, unescaped.",
        server={
            "flourish": "Grüße 👩🏽‍🚀 你好 مرحبا e\u0301 \u202eabc\u202c: ",
            "json_layout": "unescaped",
        },
    ),
    Nuisance(
        name="wrapped-errors",
        summary="The fields of an error frame are wrapped in data.",
        server={"errors_in_data": True},
    ),
    Nuisance(
        name="no-subprotocol",
        summary="The target asks for no subprotocol; the token is in the header.",
        client={"socket": {"subprotocol": "", "token_subprotocol": ""}},
        not_with=frozenset({"subprotocol-rejected"}),
    ),
    Nuisance(
        name="token-in-subprotocol",
        summary="The token is in the subprotocol only, and the server reads it there.",
        client={"socket": {"send_authorization": False}},
        not_with=frozenset({"subprotocol-rejected"}),
    ),
    Nuisance(
        name="legacy-socket-path",
        summary="The socket is opened under its older path.",
        client={"ws_url": "ws://127.0.0.1:$api_port/websocket"},
        not_with=frozenset({"upgrade-500-one-path"}),
    ),
)
