"""What docs/operations.md and the examples beside it name is there: metrics, commands, settings."""

import configparser
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot import __version__, errors
from bot.cli import app
from bot.config import INSTALL_PATH, REDIRECT_PATH, Server, load
from bot.metrics import Metrics
from bot.model import Status, Trigger
from bot.web import build_web
from tests.storing import RUN

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "docs" / "examples"
DOCS = (ROOT / "docs" / "operations.md").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SOURCES = "\n".join(path.read_text() for path in sorted((ROOT / "bot").rglob("*.py")))
COMPOSE = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())
KUBERNETES = list(yaml.safe_load_all((EXAMPLES / "kubernetes.yaml").read_text()))
ALERTS = yaml.safe_load((EXAMPLES / "prometheus-alerts.yaml").read_text())
DASHBOARD = json.loads((EXAMPLES / "grafana-dashboard.json").read_text())
PODS = [each["spec"]["template"]["spec"] for each in KUBERNETES if each["kind"] == "Deployment"]
PROGRAM = "/opt/stagecheck/bin/stagecheck"
SECRETS = "/run/secrets|/run/credentials/stagecheck.service"
NAME = re.compile(r"(?<!:)\bstagecheck_[a-z_]+")


class Unit(configparser.RawConfigParser):
    """A unit file of systemd, in which a key may stand more than once."""

    def __init__(self, path: Path) -> None:
        self.said: list[tuple[str, str]] = []
        for line in path.read_text().splitlines():
            if "=" in line and not line.startswith("#"):
                key, _, value = line.partition("=")
                self.said.append((key, value))
        super().__init__(strict=False, interpolation=None)
        self.read(path)

    def all(self, key: str) -> list[str]:
        return [value for name, value in self.said if name == key]


UNIT = Unit(EXAMPLES / "stagecheck.service")


# -- metrics


@cache
def shown() -> Mapping[str, frozenset[str]]:
    """Return every sample there can be, with the names of its labels."""
    metrics = Metrics()
    metrics.count(RUN)
    metrics.slack_call("chat.update", "ok", 0.1)
    metrics.slack_wait("chat.update", 0.1)
    metrics.stored("read", 0.1, False)
    metrics.part("store", ready=True)
    metrics.alerts.incident("staging", is_open=True)
    metrics.alerts.decided("staging", "hold")
    metrics.alerts.told("slack", 0.1)
    metrics.alerts.failed("slack", permanent=True)
    return {
        sample.name: frozenset(sample.labels)
        for family in text_string_to_metric_families(metrics.render().decode())
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def families() -> set[str]:
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown() if NAME.match(name)}


def rules() -> Iterator[dict[str, Any]]:
    for group in ALERTS["groups"]:
        yield from group["rules"]


def queries() -> list[str]:
    targets = [target for panel in DASHBOARD["panels"] for target in panel["targets"]]
    variables = [one["query"] for one in DASHBOARD["templating"]["list"]]
    return [target["expr"] for target in targets] + variables + [rule["expr"] for rule in rules()]


@pytest.mark.parametrize("query", queries())
def test_every_metric_and_label_of_the_dashboard_and_the_alerts_exists(query: str) -> None:
    for name in NAME.findall(query):
        assert name in shown()
        for given in re.findall(name + r"\{(.*?)\}", query):
            used = set(re.findall(r"(\w+)=?[=~!]", given))
            assert used <= shown()[name]
    known = frozenset[str]().union(*shown().values()) | {"instance", "job", "le"}
    for given in re.findall(r"\b(?:by|on) \((.*?)\)", query):
        assert set(given.split(", ")) <= known
    assert query.count("(") == query.count(")")
    for status in re.findall(r'status="(\w+)"', query):
        assert status in set(Status)


def test_the_dashboard_shows_every_metric() -> None:
    text = " ".join(queries())
    missing = {name for name in families() if name not in text}
    assert missing == set()


def test_the_docs_explain_every_metric_with_its_labels() -> None:
    table = re.findall(r"^\| `(stagecheck_\w+)` \| ([\w, ]*)\|", DOCS, re.MULTILINE)
    listed = {name: frozenset(filter(None, re.split(r"[, ]+", said))) for name, said in table}
    assert set(listed) == families()
    for name, labels in listed.items():
        kept = shown().get(name) or shown().get(f"{name}_count", frozenset())
        assert labels == kept, name


def test_every_run_can_be_asked_for_by_status_and_trigger() -> None:
    assert shown()["stagecheck_runs_total"] == {"target", "check", "status", "trigger"}
    assert RUN.trigger in set(Trigger)


def test_no_panel_lies_over_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not taken & cells
        assert at["x"] + at["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


# -- headings, files and words that are referred to


def anchors() -> set[str]:
    headings = re.findall(r"^#+ (.+)$", DOCS, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in headings}


def test_every_alert_says_where_to_read_what_to_do() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    assert len({alert["alert"] for alert in alerts}) == len(alerts)
    for alert in alerts:
        assert alert["annotations"]["runbook"] in anchors(), alert["alert"]
        assert alert["annotations"]["summary"]
        assert alert["labels"]["severity"] in {"info", "warning", "critical"}


def test_every_link_leads_somewhere() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", DOCS):
        if link.startswith("#"):
            assert link[1:] in anchors(), link
        elif "://" not in link:
            assert (ROOT / "docs" / link).exists(), link
    for example in EXAMPLES.iterdir():
        assert f"(examples/{example.name})" in DOCS


def test_every_reason_that_readyz_gives_is_the_products_own() -> None:
    table = DOCS.split("| part | reason |", 1)[1].split("\n\n", 1)[0]
    reasons = re.findall(r"^\| (?:`\w+`|any) \| `(.+?)` ", table, re.MULTILINE)
    assert len(reasons) == 5
    for reason in reasons:
        said = reason.strip().rstrip("…").replace("within 2 s", "within {CHECK_S:.0f} s").strip()
        assert said in SOURCES, reason


def test_exit_codes_are_those_of_the_errors() -> None:
    assert "exit code 2 is the configuration, 4 the database" in DOCS
    assert (errors.ConfigError.exit_code, errors.StoreError.exit_code) == (2, 4)
    assert (errors.Unavailable.exit_code, errors.DeliveryError.exit_code) == (4, 5)
    assert UNIT.all("RestartPreventExitStatus") == [str(errors.ConfigError.exit_code)]


# -- commands, paths, ports


def check_command(words: list[str]) -> None:
    """Look that `stagecheck` followed by `words` can be typed."""
    command = typer.main.get_command(app)
    while isinstance(command, typer.main.TyperGroup):
        assert words, "a command is missing"
        name, *words = words
        assert name in command.commands
        command = command.commands[name]
    options = {name for each in command.params for name in each.opts}
    for word in words:
        assert not word.startswith("--") or word in options, word


def typed() -> Iterator[str]:
    blocks = "\n".join(re.findall(r"```console\n(.*?)```", DOCS, re.DOTALL))
    yield from re.findall(r"^(?:uv run )?stagecheck (.+)$", blocks, re.MULTILINE)
    yield from re.findall(r"`stagecheck ([a-z][^`]*[^`.])`", DOCS)
    yield from (line.removeprefix(PROGRAM) for line in UNIT.all("ExecStart"))
    yield from (shlex.join(each["command"]) for each in (COMPOSE["services"][n] for n in BOTS))
    yield from (shlex.join(pod["containers"][0]["args"]) for pod in PODS)


BOTS = ("bot", "worker")


@pytest.mark.parametrize("line", sorted(set(typed())))
def test_every_command_can_be_typed(line: str) -> None:
    check_command(shlex.split(line))


def test_every_path_is_served() -> None:
    async def deliver(*_: object) -> Any: ...

    install = dict.fromkeys((INSTALL_PATH, REDIRECT_PATH), deliver)
    served = build_web(
        checks={}, metrics=Metrics(), deliver=deliver, signing_secret="s", pages=install
    ).router
    paths = {resource.canonical for resource in served.resources()}
    text = DOCS + "".join(each.read_text() for each in EXAMPLES.iterdir())
    named = set(re.findall(r"/(?:healthz|readyz|metrics|slack/\w+)\b", text))
    assert named == paths


def test_every_port_is_the_one_that_is_served() -> None:
    port = Server().port
    assert f"EXPOSE {port}\n" in DOCKERFILE
    assert COMPOSE["services"]["bot"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    for pod in PODS:
        [container] = pod["containers"]
        assert container["ports"] == [{"name": "http", "containerPort": port}]
        assert container["args"] in (["serve"], ["worker", "--port", str(port)])
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert container[probe]["httpGet"]["port"] == "http"
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert COMPOSE["services"]["worker"]["command"] == ["worker", "--port", str(port)]


# -- configurations


def filled(text: str, folder: Path) -> str:
    """Return `text` with its secrets in `folder`, where they are put."""
    for name in re.findall(rf"\$\{{file:(?:{SECRETS})/(?:stagecheck/)?(\w+)\}}", text):
        (folder / name).write_text(
            {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"}.get(name, "s3cret")
        )
    return re.sub(
        rf"\$\{{file:(?:{SECRETS})/(?:stagecheck/)?(\w+)\}}", rf"${{file:{folder}/\1}}", text
    )


def config_map() -> str:
    [found] = [each for each in KUBERNETES if each["kind"] == "ConfigMap"]
    return str(found["data"]["stagecheck.yaml"])


def whole_configurations() -> dict[str, str]:
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    return {
        "stagecheck.yaml": (EXAMPLES / "stagecheck.yaml").read_text(),
        "kubernetes.yaml": config_map(),
        "systemd": next(block for block in blocks if "targets:" in block and "slack:" in block),
    }


@pytest.mark.parametrize("name", sorted(whole_configurations()))
def test_every_example_of_a_configuration_is_valid_and_whole(name: str, tmp_path: Path) -> None:
    file = tmp_path / "stagecheck.yaml"
    file.write_text(filled(whole_configurations()[name], tmp_path))
    settings = load(file, env={})
    assert settings.slack_credentials().app_token == "xapp-1"
    for secret in settings.targets["staging"].secrets:
        assert secret.problem == ""
    kind = (
        "sqlite:////var/lib/stagecheck/" if name == "systemd" else "postgresql://stagecheck:s3cret@"
    )
    assert settings.database.startswith(kind)


def test_every_setting_the_docs_name_alone_is_one(tmp_path: Path) -> None:
    settings = re.findall(r"`((?:log|retention|server): \{.*?\})`", DOCS)
    assert len(settings) >= 3
    for each in (*settings, *re.findall(r"```yaml\n(retention: .*?)```", DOCS, re.DOTALL)):
        text = whole_configurations()["systemd"]
        file = tmp_path / "stagecheck.yaml"
        file.write_text(filled(f"{text}{each}\n", tmp_path))
        assert load(file, env={})
    assert "    give_up_after_s: int" in SOURCES
    assert "total_s" in SOURCES


# -- what holds the examples, the image and the unit together


def test_the_image_and_what_runs_it_agree() -> None:
    [uid] = re.findall(r"--uid (\d+)", DOCKERFILE)
    [config] = re.findall(r"STAGECHECK_CONFIG=(\S+)", DOCKERFILE)
    assert "USER stagecheck" in DOCKERFILE
    for pod in PODS:
        [container] = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == int(uid)
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["image"].endswith(f":{__version__}")
        mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
        assert str(Path(config).parent) == mounts["configuration"]
    for name in BOTS:
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["volumes"] == [f"./stagecheck.yaml:{config}:ro"]
    assert all(service.get("healthcheck") for service in COMPOSE["services"].values())


def test_every_secret_of_a_configuration_is_handed_to_the_process() -> None:
    def named(text: str) -> set[str]:
        return set(re.findall(r"\$\{file:/run/.*?/(\w+)\}", text))

    wanted = named(whole_configurations()["stagecheck.yaml"])
    assert wanted == set(COMPOSE["secrets"])
    for name in BOTS:
        assert wanted == set(COMPOSE["services"][name]["secrets"])
    loaded = {value.partition(":")[0] for value in UNIT.all("LoadCredential")}
    assert loaded == named(whole_configurations()["systemd"])


def test_the_unit_is_confined() -> None:
    service = UNIT["Service"]
    assert service["DynamicUser"] == "yes"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["StateDirectory"] == "stagecheck"
    assert f"/var/lib/{service['StateDirectory']}" == service["WorkingDirectory"]
    assert service["Restart"] == "on-failure"


def test_whoever_stops_it_waits_longer_than_it_takes() -> None:
    drain_s = float(re.findall(r"^DRAIN_S = (\S+)", SOURCES, re.MULTILINE)[0])
    graces = [pod["terminationGracePeriodSeconds"] for pod in PODS]
    graces += [int(UNIT["Service"]["TimeoutStopSec"])]
    graces += [int(COMPOSE["services"][name]["stop_grace_period"].rstrip("s")) for name in BOTS]
    assert min(graces) >= 2 * drain_s
    assert f"have {drain_s:.0f} s" in DOCS
