"""The hosts that are Slack's own: only they are shown a token, or sent an answer."""

import ipaddress
from urllib.parse import urlsplit

_HOSTS = (".slack.com", ".slack-gov.com")


def is_slacks(url: str, api_url: str) -> bool:
    """Whether `url` is at Slack's hosts, encrypted, or where its API is for us."""
    try:
        parts, api = urlsplit(url), urlsplit(api_url)
        same = (parts.scheme, parts.hostname, parts.port) == (api.scheme, api.hostname, api.port)
    except ValueError:
        return False
    if parts.username or parts.password:
        return False
    host = f".{parts.hostname or ''}"
    return same or (parts.scheme == "https" and not parts.port and host.endswith(_HOSTS))


def takes_answers(url: str, api_url: str) -> bool:
    """Whether what is said may be sent to `url`: to Slack, or on this machine if Slack is there."""
    return is_slacks(url, api_url) or (is_local(api_url) and is_local(url))


def is_local(url: str) -> bool:
    """Whether `url` is on this machine, where a proxy of the environment must not be asked."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
