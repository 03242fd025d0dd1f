"""A bot that hears of deploys over HTTP, as whoever deploys sees it."""

from dataclasses import replace
from typing import Any

from bot.config import DeployHook
from bot.deps import Deps
from bot.masking import Secret

SECRET = "a-deploy-secret-of-some-length"


def hooked(wait_s: int = 0) -> Any:
    secret = Secret(name="deploy_hook.secret", source="env:X", value=SECRET)

    def changed(deps: Deps) -> Deps:
        hook = DeployHook(secret=secret, wait_s=wait_s)
        return replace(deps, settings=deps.settings.model_copy(update={"deploy_hook": hook}))

    return changed
