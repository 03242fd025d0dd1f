"""Verifying a key in this process: the real workflow, store and simulator, and its report."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bot.cli.terminal import Terminal
from bot.config import load, refreshed
from bot.deps import Deps
from bot.engine import LocalEngine, new_run_id
from bot.masking import Masker
from bot.metrics import Metrics
from bot.model import Caller, CheckRequest, Trigger
from bot.probe import Network
from bot.report import RENDERERS, Report
from bot.sandbox import Staging
from bot.store import Store
from bot.workflows import check


@dataclass(kw_only=True)
class Desk:
    """Somebody who asks for checks from a shell, and reads the reports."""

    staging: Staging
    deps: Deps
    folder: Path
    reports: list[Report] = field(default_factory=list)

    async def ask(self, name: str = "key") -> Report:
        request = CheckRequest(
            run_id=new_run_id(),
            target="staging",
            check=name,
            trigger=Trigger.SHELL,
            caller=Caller(id="tester"),
        )
        await check(self.deps, request)
        return self.reports[-1]

    @property
    def key_file(self) -> Path:
        """The file that the target's bypass key is read from."""
        return self.folder / "stagecheck.secrets" / "bypass_key"


@asynccontextmanager
async def desk(
    folder: Path, *faults: str, env: Mapping[str, str] = os.environ, rewritten: str = ""
) -> AsyncIterator[Desk]:
    """Yield a desk at a simulated staging; `rewritten` takes the place of the key's reference."""
    config = folder / "stagecheck.yaml"
    async with Staging(faults) as staging, Network() as network:
        staging.write_config(config)
        if rewritten:
            text = config.read_text()
            [line] = [line for line in text.splitlines() if "bypass_key:" in line]
            config.write_text(text.replace(line, f"    bypass_key: {rewritten}"))
        settings = load(config, env=env)
        store = await Store.open(settings.database)
        reports: list[Report] = []
        try:
            masker = Masker(settings.secrets, pepper=await store.pepper())
            deps = Deps(
                settings=settings,
                targets=settings.targets,
                store=store,
                network=network,
                masker=masker,
                engine=LocalEngine(),
                notifier=Terminal(reports.append),
                metrics=Metrics(),
                reread=partial(refreshed, env=env, folder=folder),
            )
            yield Desk(staging=staging, deps=deps, folder=folder, reports=reports)
        finally:
            await store.close()


def facts_of(report: Report) -> dict[str, Any]:
    """Return path -> the value last observed there."""
    return {seen.path: seen.value for seen in report.observations}


def text_of(report: Report) -> str:
    """Return the report as it is written to a file, on one line."""
    return " ".join(RENDERERS["markdown"](report).split())
