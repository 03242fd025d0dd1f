"""Requests that every server gets and nobody needs answered: of browsers and of strangers."""

import re

_NOT_FOUND = 404
_TURNED_AWAY = (401, 403, 404, 405, 410)
# What strangers try on every server: to be turned away is what they should be.
_ASKED_BY_STRANGERS = re.compile(
    r"(?<=[ \"'])/(?:[\w./-]{0,60}/)?(?:\.env[\w.]{0,20}|\.git(?:/[\w./-]{0,60})?|\.aws/\w{1,30}"
    r"|\.ssh/\w{1,30}|wp-(?:login|admin|config|content)[\w./-]{0,60}|xmlrpc\.php"
    r"|phpmyadmin[\w./-]{0,40}|phpinfo\.php|cgi-bin/[\w./-]{0,40})(?=[ ?\"'])"
)
# What browsers and crawlers ask every server for.
_ASKED_BY_BROWSERS = re.compile(
    r"/(?:favicon[\w.-]{0,20}|robots\.txt|sitemap\.xml|apple-touch-icon[\w.-]{0,30}"
    r"|manifest\.json|[\w./-]{1,80}\.map)\b"
)


def is_of_stranger(status: int, line: str) -> bool:
    """Whether the answer `status` on `line`, in lower case, is to a request that nobody needs."""
    if status not in _TURNED_AWAY:
        return False
    is_of_browser = status == _NOT_FOUND and _ASKED_BY_BROWSERS.search(line)
    return bool(is_of_browser or _ASKED_BY_STRANGERS.search(line))
