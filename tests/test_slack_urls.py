"""A caller can be answered where they asked, for as long as Slack allows, and nowhere else."""

from bot.model import Caller, Place
from bot.slack import ResponseUrls

ADA, GRACE = Caller(id="U1"), Caller(id="U2")
HERE, THERE = Place(channel="C1", thread="1.2"), Place(channel="C2")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_last_address_of_a_caller_in_a_channel_is_found() -> None:
    urls = ResponseUrls()
    urls.remember(ADA, HERE, "https://one")
    urls.remember(ADA, HERE, "https://two")
    assert urls.find(ADA, Place(channel="C1")) == "https://two"
    assert (urls.find(GRACE, HERE), urls.find(ADA, THERE)) == ("", "")


def test_an_address_is_forgotten_before_slack_forgets_it() -> None:
    clock = Clock()
    urls = ResponseUrls(clock)
    urls.remember(ADA, HERE, "https://one")
    clock.now = 28 * 60
    assert urls.find(ADA, HERE) == "https://one"
    clock.now = 30 * 60
    assert urls.find(ADA, HERE) == ""


def test_only_so_many_addresses_are_kept() -> None:
    urls = ResponseUrls()
    for number in range(2_000):
        urls.remember(Caller(id=str(number)), HERE, "https://one")
    assert urls.find(Caller(id="0"), HERE) == ""
    assert urls.find(Caller(id="1999"), HERE) == "https://one"
