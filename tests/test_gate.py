"""Metrics, reasons and run pages are for this machine, or for who has the token; nobody else."""

from collections.abc import Mapping

import pytest
from multidict import CIMultiDict

from bot.errors import ConfigError
from bot.gate import Gate

TOKEN = "correct-horse-battery"
HERE = {"Host": "127.0.0.1:3000"}


def admits(
    gate: Gate,
    *,
    peer: str = "127.0.0.1",
    headers: Mapping[str, str] = HERE,
    path: str = "/metrics",
    query: Mapping[str, str] | None = None,
) -> bool:
    return gate.admits(peer=peer, headers=headers, path=path, query=query or {})


def parts(link: str) -> tuple[str, dict[str, str]]:
    path, _, query = link.partition("?")
    return path, dict(pair.split("=") for pair in query.split("&"))


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost", "[::1]:3000", "LOCALHOST:1"])
def test_without_a_token_this_machine_is_let_in(host: str) -> None:
    assert admits(Gate(), headers={"Host": host})
    assert admits(Gate(), peer="::1", headers={"Host": host})


@pytest.mark.parametrize("peer", ["10.0.0.5", "169.254.1.1", "2001:db8::1", "", "nonsense"])
def test_without_a_token_nobody_else_is(peer: str) -> None:
    assert not admits(Gate(), peer=peer)


@pytest.mark.parametrize(
    "name",
    [
        *("X-Forwarded-For", "forwarded", "Via", "X-Real-IP", "X-Forwarded-Proto"),
        *("CF-Connecting-IP", "True-Client-IP", "X-Envoy-External-Address", "CDN-Loop"),
    ],
)
def test_what_a_proxy_passes_on_is_not_from_this_machine(name: str) -> None:
    assert not admits(Gate(), headers=CIMultiDict({**HERE, name: "203.0.113.9"}))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:3000", "", "127.0.0.1.evil.test"])
def test_a_page_on_the_web_cannot_read_through_a_browser_here(host: str) -> None:
    assert not admits(Gate(), headers={"Host": host})


def test_with_a_token_it_is_needed_by_everybody() -> None:
    gate = Gate(TOKEN)
    assert not admits(gate)
    assert not admits(gate, headers={**HERE, "Authorization": f"Bearer {TOKEN}x"})
    assert not admits(gate, headers={**HERE, "Authorization": TOKEN})
    assert not admits(gate, headers={**HERE, "Authorization": "Bearer "})
    assert admits(gate, peer="10.0.0.5", headers={"Authorization": f"Bearer {TOKEN}"})
    assert admits(gate, peer="10.0.0.5", headers={"Authorization": f"bearer {TOKEN}"})


def test_a_signed_link_opens_its_own_page_until_it_expires() -> None:
    now = [1_000.0]
    gate = Gate(TOKEN, clock=lambda: now[0])
    path, query = parts(gate.link("/runs/abc", good_s=60))
    assert admits(gate, peer="10.0.0.5", path=path, query=query)
    assert not admits(gate, path="/runs/abd", query=query)
    assert not admits(gate, path="/metrics", query=query)
    assert not admits(gate, path=path, query=query | {"until": "9999999999"})
    assert not admits(gate, path=path, query=query | {"until": "soon"})
    assert not admits(gate, path=path, query=query | {"sig": "ü"})
    assert not admits(Gate("another-token-of-ours"), path=path, query=query)
    now[0] += 61
    assert not admits(gate, path=path, query=query)


def test_with_the_pepper_a_link_is_signed_without_a_token_too() -> None:
    gate = Gate(pepper=b"p" * 32)
    path, query = parts(gate.link("/runs/abc", good_s=60))
    assert admits(gate, peer="10.0.0.5", headers={}, path=path, query=query)
    assert not admits(gate, peer="10.0.0.5", headers={}, path="/metrics", query=query)
    assert not admits(Gate(pepper=b"q" * 32), peer="10.0.0.5", path=path, query=query)
    assert not admits(gate, peer="10.0.0.5", path=path, query=query | {"sig": ""})


def test_nobody_signs_with_nothing() -> None:
    path, query = parts(Gate(pepper=b"p").link("/runs/abc", good_s=60))
    assert not admits(Gate(), peer="10.0.0.5", path=path, query=query)


def test_this_machine_may_be_left_out() -> None:
    """A proxy on this machine may pass everybody on, and say nothing of it."""
    gate = Gate(pepper=b"p", neighbours=False)
    assert not admits(gate)
    path, query = parts(gate.link("/runs/abc", good_s=60))
    assert admits(gate, path=path, query=query)
    assert admits(Gate(TOKEN, neighbours=False), headers={"Authorization": f"Bearer {TOKEN}"})


def test_the_token_is_in_no_link() -> None:
    assert TOKEN not in Gate(TOKEN).link("/runs/abc", good_s=60)
    assert Gate().link("/runs/abc", good_s=60) == "/runs/abc"


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ConfigError, match="shorter than 16"):
        Gate("secret")
