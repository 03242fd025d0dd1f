"""What the guide says about schedules, deploys and receivers is so."""

import asyncio
import os
import re
import shutil
from pathlib import Path

import pytest
from configurations import MINIMAL, loaded
from slack_house import house

from bot.config import LIVE, Schedule
from bot.hooks import hooks
from bot.web import MOST_AGE_S, WebServer, build_web
from tests.deploying import SECRET, hooked

GUIDE = Path("docs/by-itself.md").read_text(encoding="utf-8")


def test_every_setting_of_a_schedule_is_in_the_table() -> None:
    rows = dict(
        re.findall(r"^\| `(\w+)` \| (.+?) \|", GUIDE.split("| `schedules[]`", 1)[1], re.MULTILINE)
    )
    fields = Schedule.model_fields
    table = {name: said for name, said in rows.items() if name in fields}
    assert set(table) == set(fields)
    for name, field in fields.items():
        assert table[name] == ("–" if field.is_required() else f"`{field.default}`")


def test_the_examples_are_valid(tmp_path: Path) -> None:
    for example in re.findall(
        r"```yaml\n((?:schedules|deploy_hook|routes):.*?)```", GUIDE, re.DOTALL
    ):
        assert loaded(tmp_path, MINIMAL + example)


def test_what_is_taken_up_without_a_restart_is_named() -> None:
    sentence = re.search(r"The file may change while.*?taken up", GUIDE, re.DOTALL)
    assert sentence
    assert re.findall(r"`(\w+)`", sentence[0]) == list(LIVE)


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("openssl")), reason="needs curl and openssl"
)
async def test_the_line_for_a_shell_starts_a_check() -> None:
    [script] = re.findall(r"```sh\n(BODY=.*?)```", GUIDE, re.DOTALL)
    script = script.replace("$(git rev-parse HEAD)", "3f9c2ab")
    async with house(changed=hooked()) as home:
        app = build_web(checks={}, metrics=home.deps.metrics, hooks=hooks(home.deps))
        server = WebServer(app, host="127.0.0.1", port=0)
        url = await server.start()
        try:
            shell = await asyncio.create_subprocess_exec(
                *("sh", "-c", script),
                env={
                    "PATH": os.environ["PATH"],
                    "USER": "ada",
                    "STAGECHECK_URL": url,
                    "STAGECHECK_DEPLOY_SECRET": SECRET,
                },
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            out, _ = await shell.communicate()
            await home.engine.idle()
            [run] = await home.deps.store.recent("staging")
        finally:
            await server.stop()
    assert shell.returncode == 0
    assert run.id in out.decode()
    assert run.caller.id == "ada"
    assert MOST_AGE_S == 300
