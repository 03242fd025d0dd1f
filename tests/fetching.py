"""A page fetched as a browser fetches it."""

import aiohttp

from bot.slack.install import COOKIE


async def got(
    url: str, *, cookie: str = "", **query: str
) -> tuple[int, str, str, aiohttp.ClientResponse]:
    cookies = {COOKIE: cookie} if cookie else {}
    jar = aiohttp.DummyCookieJar()
    async with (
        aiohttp.ClientSession(cookie_jar=jar, cookies=cookies) as session,
        session.get(
            url,
            params=query,
            allow_redirects=False,
            headers={"Cookie": f"{COOKIE}={cookie}"} if cookie else {},
        ) as answer,
    ):
        return answer.status, await answer.text(), answer.headers.get("Location", ""), answer
