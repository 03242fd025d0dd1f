"""Socket Mode stays connected, or comes back, or says that it cannot."""

import asyncio

import pytest
from slack_house import House, house

from bot.errors import DeliveryError, Unavailable
from bot.sandbox import MiniSlack
from bot.slack import Patience

IMPATIENT = Patience(
    look_s=0.02, address_s=0.1, hang_s=30.0, give_up_s=60.0, ping_s=0.1, connect_s=5.0
)


async def reconnected(home: House) -> None:
    """Return once every connection that we keep is open again."""
    await home.slack.until(lambda: len(home.slack.sockets.connections) == 2)


async def answered(home: House) -> None:
    """Return once a command is acknowledged; what met a closing connection is asked again."""
    async with asyncio.timeout(10):
        while not (await home.slack.command("/stagecheck help")).ok:
            await reconnected(home)
    await home.idle()


async def test_two_connections_are_held_so_that_one_can_be_renewed() -> None:
    async with house(socket_mode=True, patience=IMPATIENT) as home:
        assert len(home.slack.sockets.connections) == 2
        assert home.link is not None
        await home.link.check()


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_when_slack_asks_to_reconnect_we_do(reason: str) -> None:
    async with house(socket_mode=True, patience=IMPATIENT) as home:
        await home.slack.sockets.disconnect(reason, grace_s=5.0)
        await reconnected(home)
        await home.ask("/stagecheck staging")
        assert "Passed" in home.slack.messages()[0].text


async def test_when_the_network_cuts_us_off_we_come_back() -> None:
    async with house(socket_mode=True, patience=IMPATIENT) as home:
        home.slack.sockets.cut()
        await reconnected(home)
        await home.ask("/stagecheck help")
        assert len(home.slack.ephemerals()) == 1


async def test_after_a_handshake_that_failed_a_new_address_is_asked_for() -> None:
    async with house(socket_mode=True, patience=IMPATIENT) as home:
        home.slack.fail("socket", how="503", times=6)
        before = addresses_asked(home)
        home.slack.sockets.cut()
        await reconnected(home)
        assert addresses_asked(home) > before + 2


async def test_a_handshake_that_is_never_answered_is_given_up_for_another() -> None:
    patience = Patience(look_s=0.02, address_s=0.1, hang_s=0.3, rebuild_s=60.0, ping_s=0.1)
    async with house(socket_mode=True, patience=patience) as home:
        home.slack.fail("socket", how="timeout", times=2)
        home.slack.sockets.cut()
        await reconnected(home)
        await answered(home)


def test_a_dead_address_costs_less_than_ten_seconds() -> None:
    usual = Patience()
    # Seen by the watchdog, and tried by the library when it next wakes up; or built anew.
    assert usual.address_s + usual.look_s + usual.ping_s <= 6.0
    assert usual.hang_s + usual.look_s + usual.close_s < 10.0


async def test_a_connection_that_does_not_come_back_is_built_anew() -> None:
    patience = Patience(look_s=0.02, address_s=30.0, hang_s=30.0, rebuild_s=0.3, ping_s=0.1)
    async with house(socket_mode=True, patience=patience) as home:
        home.slack.fail("socket", how="503", times=30)
        before = addresses_asked(home)
        home.slack.sockets.cut()
        await reconnected(home)
        # The library asks once for each connection by itself, and never again.
        assert addresses_asked(home) > before + 2
        await answered(home)


async def test_a_link_that_is_down_for_good_is_given_up_and_not_ready() -> None:
    patience = Patience(look_s=0.02, address_s=0.1, rebuild_s=30.0, give_up_s=0.4, ping_s=0.1)
    async with house(socket_mode=True, patience=patience) as home:
        home.slack.fail("socket", how="503", times=10_000)
        home.slack.sockets.cut()
        assert home.link is not None
        async with asyncio.timeout(5):
            await home.link.lost.wait()
        with pytest.raises(Unavailable, match="No Socket Mode connection"):
            await home.link.check()


async def test_an_app_token_that_slack_refuses_is_said_at_the_start() -> None:
    slack = MiniSlack()
    slack.fail("apps.connections.open", how="invalid_auth")
    with pytest.raises(DeliveryError, match="does not accept our app token"):
        async with house(slack=slack, socket_mode=True):
            pass


async def test_a_slack_that_does_not_open_the_socket_is_said_at_the_start() -> None:
    slack = MiniSlack()
    slack.fail("socket", how="timeout", times=100)
    with pytest.raises(DeliveryError, match="did not connect"):
        async with house(
            slack=slack, socket_mode=True, patience=Patience(connect_s=0.5, close_s=0.2)
        ):
            pass


async def test_closing_leaves_no_connection_open() -> None:
    async with house(socket_mode=True, patience=IMPATIENT) as home:
        assert home.link is not None
        await home.link.close()
        await home.slack.until(lambda: not home.slack.sockets.connections)


def addresses_asked(home: House) -> int:
    return [call.method for call in home.slack.calls].count("apps.connections.open")
