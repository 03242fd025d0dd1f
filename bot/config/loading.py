"""Loading a configuration: from a path to settings, with every problem told at once."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bot.config.checks import check_values
from bot.config.document import Node, parse
from bot.config.files import ca_file, database_url, read
from bot.config.keys import key_places
from bot.config.known import tidy
from bot.config.problems import Problems, nearest
from bot.config.profile import Profile, load_profile, overlay, profile_names
from bot.config.provenance import Origin
from bot.config.routes import Receiver
from bot.config.secrets import RECEIVERS, SLACK, TARGET, Taken, Taker
from bot.config.settings import DEFAULT_DATABASE, DeployHook, File, Settings
from bot.config.slack import Slack
from bot.config.validation import validate
from bot.errors import ConfigError
from bot.target import Target

DEFAULT_NAME = "stagecheck.yaml"
DEFAULT_PROFILE = "reference"


def where(env: Mapping[str, str]) -> Path:
    """Return the path of the configuration where no other is named."""
    return Path(env.get("STAGECHECK_CONFIG", "").strip() or DEFAULT_NAME)


def load(path: Path | None, *, env: Mapping[str, str]) -> Settings:
    """Read the settings from `path`, else from STAGECHECK_CONFIG, else from ./stagecheck.yaml.

    ConfigError lists everything that is wrong, each with file, line and column. A target's secret
    that cannot be read is no error: it is a Secret with a `problem`.
    """
    path = path or where(env)
    folder = path.absolute().parent
    problems = Problems()
    root = parse(read(path), str(path), problems)
    if root is None:
        raise ConfigError(f"{path} is empty.", hint="It needs at least one target.")
    if not isinstance(root.value, dict):
        problems.stop(root.at, "A configuration is a mapping: slack, targets and so on.")
    root, profiles = _with_profiles(root, problems)
    taker = Taker(env=env, folder=folder, problems=problems)
    root = tidy(taker.take(root), problems)
    check_values(root, taker.taken.secrets.values(), problems)
    root = _with_paths(root, folder, problems)
    file = validate(root, problems)
    problems.check()
    assert file is not None  # or there would be problems
    origins = {
        name: Origin(node=node, profile=profiles[name], taken=taker.taken, env=env)
        for name, node in root.items["targets"].items.items()
    }
    return _settings(file, taker.taken, origins, path)


def _with_profiles(root: Node, problems: Problems) -> tuple[Node, dict[str, Profile]]:
    targets = root.items.get("targets")
    merged: dict[str, Node] = {}
    profiles: dict[str, Profile] = {}
    for name, target in targets.items.items() if targets else ():
        merged[name] = target
        chosen = target.child("profile")
        wanted = chosen.value if chosen and chosen.value is not None else DEFAULT_PROFILE
        if not isinstance(target.value, dict) or not isinstance(wanted, str):
            continue  # validation says what is wrong with it
        if wanted not in profile_names():
            at = chosen.at if chosen else target.at
            advice = nearest(wanted, profile_names())
            problems.add(at, f"targets.{name}.profile: there is no profile {wanted}. {advice}")
            continue
        profiles[name] = load_profile(wanted)
        merged[name] = overlay(profiles[name].target, target)
    if targets and isinstance(targets.value, dict):
        root = root.with_value({**root.items, "targets": targets.with_value(merged)})
    return root, profiles


def _with_paths(root: Node, folder: Path, problems: Problems) -> Node:
    """Make the paths in the file absolute, so that they mean the same wherever we are started."""
    items = dict(root.items)
    if "database" not in items:
        items["database"] = Node(value=DEFAULT_DATABASE, at=root.at, key_at=root.at)
    items["database"] = database_url(items["database"], folder, problems)
    if (targets := items.get("targets")) and isinstance(targets.value, dict):
        items["targets"] = targets.with_value(
            {
                name: ca_file(f"targets.{name}", target, folder, problems)
                for name, target in targets.value.items()
            }
        )
    return root.with_value(items)


def _settings(file: File, taken: Taken, origins: Mapping[str, Origin], path: Path) -> Settings:
    completed: dict[str, object] = {
        "slack": _slack(file.slack, taken),
        "server": file.server.model_copy(update={"token": taken.secrets.get(("server", "token"))}),
        "targets": {
            name: _completed(target, taken, origins[name]) for name, target in file.targets.items()
        },
        "routes": tuple(
            _received(route, ("routes", str(number)), taken)
            for number, route in enumerate(file.routes)
        ),
        "owner": _received(file.owner, ("owner",), taken) if file.owner else None,
        "deploy_hook": _hook(file.deploy_hook, taken),
        "path": path,
        "database_secrets": tuple(taken.database),
    }
    given = {name: getattr(file, name) for name in File.model_fields}
    # Of what was validated; to have it done again would take as long as the first time.
    return Settings.model_construct(**given | completed)


R = TypeVar("R", bound=Receiver)


def _received(receiver: R, path: tuple[str, ...], taken: Taken) -> R:
    held: dict[str, object] = {}
    for kind, names in RECEIVERS.items():
        if (section := getattr(receiver, kind)) is not None:
            secrets = {name: taken.secrets.get((*path, kind, name)) for name in names}
            held[kind] = section.model_copy(update=secrets)
    return receiver.model_copy(update=held)


def _hook(hook: DeployHook | None, taken: Taken) -> DeployHook | None:
    if hook is None:
        return None
    return hook.model_copy(update={"secret": taken.secrets.get(("deploy_hook", "secret"))})


def _slack(slack: Slack, taken: Taken) -> Slack:
    held: dict[str, object] = {name: taken.secrets.get(("slack", name)) for name in SLACK}
    if slack.oauth is not None:
        secret = taken.secrets.get(("slack", "oauth", "client_secret"))
        held["oauth"] = slack.oauth.model_copy(update={"client_secret": secret})
    return slack.model_copy(update=held)


def _completed(target: Target, taken: Taken, origin: Origin) -> Target:
    secrets = {name: taken.secrets.get(("targets", target.name, name)) for name in TARGET}
    complete = replace(
        target,
        api_url=target.api_url.rstrip("/"),
        auth_url=target.auth_url.rstrip("/"),
        frontend_url=target.frontend_url.rstrip("/"),
        proxy=target.proxy.rstrip("/"),
        bypass_key=secrets["bypass_key"],
        jwt_secret=secrets["jwt_secret"],
        proxy_credentials=secrets["proxy_credentials"],
        keys=key_places(target.name, taken, origin),
    )
    return replace(complete, provenance=origin.settings(complete))
