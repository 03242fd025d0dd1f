"""The section on the token that was sent: claim by claim, and as it was at the last pass."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.model import Json, Observation, Status
from bot.report.document import Report
from bot.report.parts import Fields, Part, Table
from bot.report.words import shown

TITLE = "Token that was sent"
_PATH = "token.examined"
_SIGNED: Mapping[Json, str] = {
    True: "with the secret that we hold",
    False: "not with the secret that we hold",
}
# Of each token another one; what is to be told is whether it was as it should be.
_FLEETING = ("iat", "nbf", "exp", "jti")


def claims_in(observations: Iterable[Observation]) -> tuple[Json, ...]:
    """Return the rows on the token's claims that a run recorded."""
    found = [seen.value for seen in observations if seen.path == _PATH]
    return tuple(found[-1]) if found and isinstance(found[-1], list) else ()


def has_claims(report: Report) -> bool:
    """Tell whether the report is to say what the token was like."""
    return report.status is not Status.PASSED and bool(claims_in(report.observations))


def token_section(report: Report) -> Iterator[Part]:
    """Yield what is known of the token without showing it."""
    facts = {seen.path: seen.value for seen in report.observations}
    fingerprint, length = facts.get("token.fingerprint"), facts.get("token.length")
    pairs = [
        ("From", f"{facts.get('token.source')}, for {facts.get('token.subject', 'nobody named')}"),
        ("Signed", _SIGNED.get(facts.get("token.signed_with_ours"), "")),
        ("Fingerprint", f"#{fingerprint}, {length} characters"),
        ("Server's clock", _clock(facts)),
    ]
    yield Fields(pairs=tuple((name, text) for name, text in pairs if text))
    before = {
        row.get("claim"): row for row in (report.last_pass.claims if report.last_pass else ())
    }
    rows = [row for row in claims_in(report.observations) if isinstance(row, Mapping)]
    names = {row.get("claim") for row in rows}
    gone = [row for name, row in before.items() if name not in names]
    then = ("At the last pass",) if before else ()
    columns = ("Claim", "Sent", "Wanted", "Verdict", *then)
    told = (
        *(_row(row, before.get(row.get("claim")), bool(before)) for row in rows),
        *((_text(row, "claim"), "", "", "gone", _text(row, "sent")) for row in gone),
    )
    yield Table(columns=columns, rows=tuple(row[: len(columns)] for row in told))


def _row(row: Mapping[str, Any], then: Mapping[str, Any] | None, is_known: bool) -> tuple[str, ...]:
    name = _text(row, "claim")
    was = "" if not is_known else "not there" if not then or "sent" not in then else ""
    if then and "sent" in then and name in _FLEETING:
        was = _text(then, "verdict")
    elif then and "sent" in then:
        was = "the same" if then["sent"] == row.get("sent") else _text(then, "sent")
    return name, _text(row, "sent"), _text(row, "wanted"), _text(row, "verdict"), was


def _text(row: Mapping[str, Any], name: str) -> str:
    return shown(row[name]) if name in row else ""


def _clock(facts: Mapping[str, Any]) -> str:
    for name in ("health.backend.skew_s", "health.skew_s"):
        if isinstance(skew_s := facts.get(name), int | float):
            return f"{abs(skew_s):.1f} s {'ahead of' if skew_s >= 0 else 'behind'} ours"
    return "not known; ours is taken for it"
