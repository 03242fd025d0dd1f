"""The settings of the pages: where they are reached, and what anybody may see."""

import re
from pathlib import Path

import pytest

from tests.configurations import MINIMAL, loaded, refusal


def test_nothing_is_linked_to_and_nothing_is_public_unless_it_is_configured(tmp_path: Path) -> None:
    settings = loaded(tmp_path, MINIMAL)
    assert settings.server.public_url == ""
    assert settings.status_page is None


@pytest.mark.parametrize(
    "url",
    [
        "https://stagecheck.example.test",
        "https://example.test:8443/stagecheck/",
        "http://127.0.0.1:3000",
        "http://localhost",
        "http://[::1]:3000/x",
    ],
)
def test_an_address_that_can_be_linked_to_is_taken(tmp_path: Path, url: str) -> None:
    settings = loaded(tmp_path, f'{MINIMAL}server: {{public_url: "{url}"}}\n')
    assert settings.server.public_url == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://stagecheck.example.test", "must begin with https://, except on this machine"),
        ("http://localhost.evil.test", "must begin with https://, except on this machine"),
        ("http://127.0.0.1.evil.test/", "must begin with https://, except on this machine"),
        ("https://example.test/?a=1", r"must not hold any of \? < > \|"),
        ("https://example.test/<!channel>", r"must not hold any of \? < > \|"),
        ("https://example.test/#x", "must not hold white space or a #fragment"),
        ("ftp://example.test", "server.public_url"),
        ("stagecheck", "server.public_url"),
    ],
)
def test_one_that_cannot_is_refused_with_its_line(tmp_path: Path, url: str, why: str) -> None:
    found = refusal(tmp_path, f'{MINIMAL}server: {{public_url: "{url}"}}\n')
    assert re.search(why, found)
    assert "stagecheck.yaml:" in found


def test_a_status_page_names_targets_that_there_are(tmp_path: Path) -> None:
    settings = loaded(tmp_path, f"{MINIMAL}status_page: {{targets: [staging]}}\n")
    assert settings.status_page is not None
    assert settings.status_page.targets == ("staging",)
    assert not settings.status_page.causes
    found = refusal(tmp_path, f"{MINIMAL}status_page: {{targets: [stagin]}}\n")
    assert "no target. Did you mean staging?" in found
    assert "status_page.targets" in refusal(tmp_path, f"{MINIMAL}status_page: {{}}\n")
