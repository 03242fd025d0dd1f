"""The command line as a person meets it: a subprocess, real sockets, exit codes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config import load
from bot.sandbox import FAULTS, Staging
from bot.store import Store
from bot.workflows.sparing import KEY_BURST
from tests.shell import ROOT, stagecheck


@pytest.mark.parametrize(
    ("faults", "status", "code"),
    [
        ((), "passed", 0),
        (("bypass-key-mismatch",), "degraded", 0),
        (("seed",), "failed", 1),
    ],
    ids=["healthy", "degraded", "seed"],
)
async def test_run_gives_the_json_report_and_its_exit_code(
    tmp_path: Path, faults: tuple[str, ...], status: str, code: int
) -> None:
    config = tmp_path / "stagecheck.yaml"
    async with Staging(faults) as staging:
        staging.write_config(config)
        exit_code, out, err = await stagecheck(
            "run", "staging", "--config", str(config), "--format", "json"
        )
    report = json.loads(out)
    assert (exit_code, report["status"]) == (code, status), err
    assert report["executed"] is True
    assert report["schema"] == 1


async def test_the_next_steps_are_typed_with_the_configuration_that_was_given(
    tmp_path: Path,
) -> None:
    config = tmp_path / "stage check.yaml"
    async with Staging(["bypass-key-mismatch"]) as staging:
        staging.write_config(config)
        _, out, _ = await stagecheck("run", "staging", "--config", str(config))
    assert f"stagecheck verify-key staging --config '{config}'" in " ".join(out.split())


@pytest.mark.parametrize("words", [("verify-key",), ("run", "--check", "key")])
async def test_a_key_is_not_verified_from_a_shell_more_often_than_it_takes(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    config = tmp_path / "stagecheck.yaml"
    async with Staging() as staging:
        staging.write_config(config)
        store = await Store.open(load(config, env={}).database)
        for number in range(KEY_BURST):
            assert await store.claim(f"verify-key:staging:{number}", ttl_s=600.0)
        await store.close()
        exit_code, out, err = await stagecheck(*words, "staging", "--config", str(config))
    assert exit_code == 4
    assert f"was verified {KEY_BURST} times" in " ".join((out + err).split())


@pytest.mark.parametrize("format", ["text", "json"])
def test_a_reader_who_has_enough_of_a_list_is_no_failure(format: str) -> None:
    words = [sys.executable, "-m", "bot", "faults", "--format", format]
    with subprocess.Popen(words, cwd=ROOT, stdout=-1, stderr=-1) as shell:
        assert shell.stdout is not None
        assert shell.stderr is not None
        shell.stdout.close()
        assert shell.stderr.read() == b""
    assert shell.returncode == 0


async def test_founding_failure_is_told_right(tmp_path: Path) -> None:
    config = tmp_path / "stagecheck.yaml"
    async with Staging(["seed"]) as staging:
        staging.write_config(config)
        _, out, _ = await stagecheck("run", "staging", "--config", str(config), "--format", "json")
    report = json.loads(out)
    causes = [(cause["label"], cause["role"]) for cause in report["causes"]]
    assert causes == [
        ("ws_server_code_error", "sufficient"),
        ("bypass_key_mismatch", "incidental"),
    ]
    ids = {observation["id"] for observation in report["observations"]}
    assert all(set(why["evidence"]) <= ids for why in report["whys"])
    assert any(observation["step"] == "token_garbage" for observation in report["observations"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("run", "prod"), 3, "There is no target prod"),
        (("run", "staging", "--check", "pipelin"), 3, "pipeline"),
        (("run", "staging", "--format", "jsn"), 2, "Formats:"),
        (("run", "staging", "--output", "/nowhere/at/all.txt"), 2, "/nowhere/at/all.txt"),
        (("verify-key", "stagin"), 3, "staging"),
    ],
)
async def test_wrong_words_say_what_would_be_right(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    config = tmp_path / "stagecheck.yaml"
    async with Staging() as staging:
        staging.write_config(config)
        exit_code, _, err = await stagecheck(*words, "--config", str(config))
    assert exit_code == code
    assert said in err
    assert "Traceback" not in err


async def test_a_report_that_could_not_be_written_is_known_before_the_check(
    tmp_path: Path,
) -> None:
    config = tmp_path / "stagecheck.yaml"
    async with Staging() as staging:
        staging.write_config(config)
        for output in (tmp_path / "none" / "report.txt", tmp_path):
            code, _, err = await stagecheck(
                "run", "staging", "--output", str(output), "--config", str(config)
            )
            assert code == 2
            assert f"The report cannot be written to {output}" in err
        assert staging.received == []


async def test_missing_configuration_says_how_to_get_one(tmp_path: Path) -> None:
    code, _, err = await stagecheck("run", "staging", "--config", str(tmp_path / "none.yaml"))
    assert code == 2
    assert "none.yaml" in err


async def test_every_problem_of_a_configuration_begins_in_the_same_column(tmp_path: Path) -> None:
    config = tmp_path / "stagecheck.yaml"
    config.write_text("databse: x\ntargts: {}\n")
    code, _, err = await stagecheck("config", "check", "--config", str(config))
    assert code == 2
    first, *others = err.splitlines()
    at = first.index(f"{config}:1:1:")
    assert [line.index(str(config)) for line in others] == [at] * len(others)
    assert others


async def test_config_check_says_of_each_secret_once_how_it_is(tmp_path: Path) -> None:
    config = tmp_path / "stagecheck.yaml"
    async with Staging() as staging:
        staging.write_config(config)
    text = config.read_text()
    config.write_text(re.sub(r"(bypass_key: ).*", r'\1"${env:SURELY_NOT_SET}"', text))
    code, out, _ = await stagecheck("config", "check", "--config", str(config))
    assert code == 0
    assert "  bypass_key: environment variable SURELY_NOT_SET is not set\n" in out
    assert re.search(r"^  jwt_secret: file:.*jwt_secret: set$", out, re.MULTILINE)
    assert out.count("SURELY_NOT_SET") == 1
    # What only some proxies ask for is not missing.
    assert "proxy_credentials" not in out


async def test_demo_names_the_fault_that_was_meant() -> None:
    code, _, err = await stagecheck("demo", "--fault", "sed", "--exit")
    assert code == 2
    assert "There is no fault sed." in err
    assert "Did you mean seed?" in err


async def test_faults_are_listed_with_their_true_causes() -> None:
    code, out, _ = await stagecheck("faults", "--format", "json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert set(rows) == set(FAULTS)
    assert {"label": "bypass_key_mismatch", "role": "incidental"} in rows["seed"]["causes"]
    assert rows["seed"]["group"] == "keys, tokens and users"
    assert all(re.fullmatch("[a-z][a-z, -]+", row["group"]) for row in rows.values())


async def test_demo_prints_the_channel_with_the_founding_failure() -> None:
    code, out, err = await stagecheck(
        "demo", "--fault", "seed", "--say", "/stagecheck staging", "--exit"
    )
    assert code == 0, err
    for promised in (
        "/stagecheck staging",
        "ws_server_code_error",
        "sufficient",
        "bypass_key_mismatch",
        "incidental",
        "[Re-run Check]",
        "[Verify Bypass Key]",
        "user_context must be a UserExecutionContext instance",
    ):
        assert promised in out


async def test_config_schema_is_json() -> None:
    code, out, _ = await stagecheck("config", "schema")
    assert code == 0
    assert "targets" in json.loads(out)["properties"]
