"""The section on the bypass key: every place it can come from, and what staging made of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.model import Status
from bot.report.document import Report
from bot.report.parts import Fields, Part, Table
from bot.target import KEY_CHECK

TITLE = "Bypass key"

_LINT: Mapping[str, str] = {
    "leading_whitespace": "white space before it",
    "trailing_whitespace": "white space after it",
    "newline": "a line break",
    "quoted": "quotes around it",
    "bom": "a byte order mark",
    "placeholder": "looks like a placeholder",
    "assignment": "NAME= before it",
    "scheme": "Bearer or Basic before it",
    "token": "looks like a JWT",
    "unseen_character": "a character that cannot be seen",
    "reference": "looks like a reference that nothing was put in for",
    "escaped_newline": "a backslash and n after it",
    "curly_quotes": "typographic quotes around it",
    "unmatched_quote": "a quote on one side of it",
    "trailing_punctuation": "a semicolon or comma after it",
    "percent_encoded": "white space in percent encoding (%0A, %20)",
    "base64_of_text": "may be base64 of the key",
}
_NOW_ANOTHER = (
    "Ours is another one now, and is accepted: staging's changed too, or it accepts several."
)
_SINCE: Mapping[str, str] = {
    "nothing": "Neither side changed it since.",
    "ours": "Ours is another one now: it changed here since.",
    "theirs": "Ours is still the same: staging's key changed since.",
    "ours_accepted": _NOW_ANOTHER,
    "both": _NOW_ANOTHER,  # in runs of older versions
    "not_ours": "Ours is still the same; whether staging's changed was not seen.",
}


def has_key(report: Report) -> bool:
    """Tell whether the report is to say what is known of the key's places."""
    is_about_it = report.check == KEY_CHECK or report.status is not Status.PASSED
    return report.executed and is_about_it and bool(_facts(report).get("exchange.key_places"))


def key_section(report: Report) -> Iterator[Part]:
    """Yield a table of the places and what came of the key that was used."""
    facts = _facts(report)
    rows = [_row(place) for place in facts["exchange.key_places"]]
    yield Table(
        columns=("Place", "Counts", "Fingerprint", "Characters", "What is to be seen of it"),
        rows=tuple(rows),
    )
    pairs = [
        ("Which and why", facts.get("exchange.key_why", "")),
        ("Staging", _judged(facts)),
        ("Last accepted", _last(facts)),
        ("Since then", _SINCE.get(facts.get("exchange.key_since", ""), "")),
        ("Other keys here", _disagree(facts)),
        ("Tried too", _tried(_first(facts, "other_keys.tried", "key_others.tried") or ())),
        (
            "Not tried",
            ", ".join(_first(facts, "other_keys.not_tried", "key_others.not_tried") or ()),
        ),
    ]
    yield Fields(pairs=tuple((name, text) for name, text in pairs if text))


def _facts(report: Report) -> dict[str, Any]:
    return {seen.path: seen.value for seen in report.observations}


def _first(facts: Mapping[str, Any], *paths: str) -> Any:
    return next((facts[path] for path in paths if path in facts), None)


def _row(place: Mapping[str, Any]) -> tuple[str, ...]:
    counts = "used" if place.get("used") else "next" if place.get("rank") else "not named"
    if place.get("state") != "set":
        return str(place.get("source")), "-", "", "", str(place.get("problem"))
    remarks = [_LINT.get(name, name) for name in place.get("lint", ())]
    remarks += [f"same value as {name}" for name in place.get("same_as", ())]
    remarks += place.get("notes", ())
    return (
        str(place.get("source")),
        counts,
        f"#{place.get('fingerprint')}",
        str(place.get("length")),
        "; ".join(remarks) or "nothing unusual",
    )


def _judged(facts: Mapping[str, Any]) -> str:
    said = facts.get("exchange.detail", "")
    status = facts.get("exchange.status")
    match facts.get("exchange.key_accepted"):
        case True:
            how = facts.get("exchange.judged_by", "a token that it issued")
            return f"accepts it, as shown by {how}"
        case False:
            return f"refuses it: HTTP {status} {said}".strip()
        case _ if status is not None:
            judged = f"judged no key: HTTP {status} {said}".strip()
            why = facts.get("exchange.not_judged")
            return f"{judged}; {why}" if why else judged
        case _ if facts.get("exchange.error") not in (None, "config"):
            return f"gave no answer: {facts.get('exchange.error_text') or 'no reason is known'}"
        case _:
            return "was not asked"


def _last(facts: Mapping[str, Any]) -> str:
    at = facts.get("exchange.key_last_accepted_at")
    if not at:
        return "never that we know of"
    return (
        f"{at} in run {facts.get('exchange.key_last_accepted_run')}:"
        f" #{facts.get('exchange.key_last_accepted_fingerprint')}"
        f" from {facts.get('exchange.key_last_accepted_source')}"
    )


def _disagree(facts: Mapping[str, Any]) -> str:
    said = []
    if others := facts.get("exchange.key_disagree"):
        said.append(f"{_hold(others)} another value than the one used")
    if spaced := facts.get("exchange.key_differ_in_space"):
        said.append(f"{_hold(spaced)} the one used with other white space around it")
    return "; ".join(said)


def _hold(sources: Sequence[str]) -> str:
    return f"{', '.join(sources)} {'holds' if len(sources) == 1 else 'hold'}"


def _tried(tried: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(
        f"{one.get('source')} #{one.get('fingerprint')} {_came_to(one)}" for one in tried
    )


def _came_to(one: Mapping[str, Any]) -> str:
    match one.get("accepted"):
        case True:
            return "is accepted"
        case False:
            return "is not accepted"
        case _:
            status = one.get("status")
            return f"was not judged ({f'HTTP {status}' if status else 'no answer'})"
