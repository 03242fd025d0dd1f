"""A changed configuration is taken up without a restart; a bad one changes nothing, and is told."""

from dataclasses import replace
from pathlib import Path

from configurations import MINIMAL, loaded
from slack_house import House, house

from bot.config import Settings
from bot.deps import Deps
from bot.reload import Reloader

ROUTED = MINIMAL + "routes: [{target: staging, channel: C1}]\n"


def configured(settings: Settings) -> object:
    def changed(deps: Deps) -> Deps:
        return replace(deps, settings=settings)

    return changed


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


async def look(home: House, reloader: Reloader, path: Path, text: str) -> None:
    write(path, text)
    reloader.look()


async def test_schedules_and_routes_change_without_a_restart(tmp_path: Path) -> None:
    settings = loaded(tmp_path, MINIMAL)
    async with house(changed=configured(settings)) as home:  # type: ignore[arg-type]
        reloader = Reloader(home.deps)
        more = ROUTED + "schedules: [{target: staging, cron: '*/5 * * * *'}]\n"
        await look(home, reloader, settings.path, more)
        live = home.deps.live
        assert [route.channel for route in live.routes] == ["C1"]
        assert [schedule.cron for schedule in live.schedules] == ["*/5 * * * *"]
        assert home.deps.settings.routes == ()
        assert b"stagecheck_config_last_reload_successful 1.0" in home.deps.metrics.render()


async def test_a_bad_file_keeps_the_old_one_and_says_so(tmp_path: Path) -> None:
    settings = loaded(tmp_path, ROUTED)
    async with house(changed=configured(settings)) as home:  # type: ignore[arg-type]
        reloader = Reloader(home.deps)
        await look(home, reloader, settings.path, ROUTED + "alerts: {failure_treshold: 1}\n")
        assert [route.channel for route in home.deps.live.routes] == ["C1"]
        assert "failure_treshold" in home.deps.reloaded.problem
        assert b"stagecheck_config_last_reload_successful 0.0" in home.deps.metrics.render()
        await home.ask("/stagecheck status")
        [told] = home.slack.ephemerals()
        assert "failure_treshold" in str(told.blocks)
        settings.path.unlink()
        reloader.look()
        assert "stagecheck.yaml" in home.deps.reloaded.problem
        await look(home, reloader, settings.path, ROUTED + "alerts: {failure_threshold: 1}\n")
        assert home.deps.reloaded.problem == ""
        assert home.deps.live.alerts.failure_threshold == 1


async def test_what_needs_a_restart_stays_as_it_was(tmp_path: Path) -> None:
    settings = loaded(tmp_path, MINIMAL)
    async with house(changed=configured(settings)) as home:  # type: ignore[arg-type]
        reloader = Reloader(home.deps)
        await look(home, reloader, settings.path, MINIMAL + "server: {port: 4000}\n")
        assert home.deps.live.server.port == settings.server.port
        assert home.deps.reloaded.waiting == ("server",)


async def test_a_secret_that_comes_with_a_change_is_masked_from_then_on(
    tmp_path: Path,
) -> None:
    held = tmp_path / "hook.secret"
    held.write_text("whsec_bmV3LXNlY3JldC12YWx1ZQ")
    settings = loaded(tmp_path, MINIMAL)
    async with house(changed=configured(settings)) as home:  # type: ignore[arg-type]
        reloader = Reloader(home.deps)
        hook = "{url: 'https://h.test/', secret: '${file:hook.secret}'}"
        route = f"{{target: staging, webhook: {hook}}}"
        await look(home, reloader, settings.path, MINIMAL + f"routes: [{route}]\n")
        masked = home.deps.masker.mask(f"it answered {held.read_text()}")
        assert "bmV3LXNlY3JldC12YWx1ZQ" not in masked
