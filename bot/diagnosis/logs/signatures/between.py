"""What stands between a test and its target: proxies and portals of one's own network."""

from bot.diagnosis.logs.signatures.signature import Signature, row

# What a proxy answers that did not get to where it was sent; anything else is about who asks.
_GATEWAY = r"50[0-4]"

BETWEEN: tuple[Signature, ...] = (
    row(
        "proxy_refused",
        "proxy|tunnel|network authentication required|captive portal",
        rf"connect tunnel failed, response (?!{_GATEWAY})\d\d\d|tunnel connection failed: "
        rf"(?!{_GATEWAY})\d\d\d|http code (?!{_GATEWAY})\d\d\d from proxy after connect"
        rf"|proxy returns \"?http/1\.\d (?!{_GATEWAY})\d\d\d|tunneling socket could not be "
        rf"established\b…statuscode=(?!{_GATEWAY})\d\d\d",
        r"proxy authentication (?:is )?required|err_proxy_(?:connection_failed|auth\w*"
        r"|certificate_invalid)|(?:could not|couldn't|cannot|can't|unable to|failed to) (?:resolve"
        r"|connect to|reach) (?:the )?(?:http )?proxy\b(?! service)|proxyconnect tcp: …(?:refused"
        r"|timeout|no such host|authentication)",
        r"network authentication required|captive portal",
    ),
    row(
        "proxy_no_way",
        "proxy|tunnel",
        rf"connect tunnel failed, response {_GATEWAY}|tunnel connection failed: {_GATEWAY}|http "
        rf"code {_GATEWAY} from proxy after connect|proxy returns \"?http/1\.\d "
        rf"{_GATEWAY}|tunneling socket could not be established\b…statuscode={_GATEWAY}"
        r"|err_tunnel_connection_failed",
    ),
)  # fmt: skip
