"""No secret leaves in a text, whatever it is dressed as, and ordinary words stay."""

import base64
import html
import json
import re
import string
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.masking import Masker, Secret, fingerprint
from bot.masking.words import is_wordy

PEPPER = b"a pepper"
VALUE = 's3cr/et "väl+ue"\\~1'

Form = Callable[[str], str]


def secret(value: str, name: str = "bypass_key") -> Secret:
    return Secret(name=name, source="env:KEY", value=value)


def knowing(*values: str) -> Masker:
    return Masker([secret(value) for value in values], pepper=PEPPER)


def percent_in_small_letters(value: str) -> str:
    return "".join(
        f"%{byte:02x}" if chr(byte) not in string.ascii_letters + string.digits else chr(byte)
        for byte in value.encode()
    )


FORMS: dict[str, Form] = {
    "raw": str,
    "json": json.dumps,
    "json in utf-8": lambda value: json.dumps(value, ensure_ascii=False),
    "json with escaped slashes": lambda value: json.dumps(value).replace("/", r"\/"),
    "json in json": lambda value: json.dumps(json.dumps(value)),
    "repr": repr,
    "repr of bytes": lambda value: repr(value.encode()),
    "percent": lambda value: quote(value, safe=""),
    "percent, slashes kept": quote,
    "percent in small letters": percent_in_small_letters,
    "percent twice": lambda value: quote(quote(value, safe=""), safe=""),
    "form": quote_plus,
    "html": html.escape,
    "hex": lambda value: value.encode().hex(),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 without padding": lambda value: base64.b64encode(value.encode()).decode().rstrip("="),
    "base64 for addresses": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "base64 of more, offset 1": lambda value: base64.b64encode(f"u{value}:x".encode()).decode(),
    "base64 of more, offset 2": lambda value: base64.b64encode(f"u:{value}ab".encode()).decode(),
}
# What these forms leave of a value with white space or without letters may be as it was.
RANDOM = "q7X-4kLmZ81-vR3tWp0"
MORE_FORMS: dict[str, Form] = {
    "in capitals": str.upper,
    "in small letters": str.lower,
    "backwards": lambda value: value[::-1],
    "wrapped": lambda value: "\n".join(value[at : at + 5] for at in range(0, len(value), 5)),
    "wrapped and indented": lambda value: "\r\n    ".join((value[:8], value[8:])),
    "in two strings": lambda value: f'"{value[:9]}"\n  "{value[9:]}"',
    "letter by letter": " ".join,
    "base64, wrapped": lambda value: base64.encodebytes(value.encode() * 5).decode(),
    "base64 of base64": lambda value: base64.b64encode(base64.b64encode(value.encode())).decode(),
    "basic authorization": lambda value: (
        "Basic " + base64.b64encode(f"user:{value}".encode()).decode()
    ),
    "every byte in percent": lambda value: "".join(f"%{byte:02X}" for byte in value.encode()),
    "every letter in unicode": lambda value: "".join(f"\\u{ord(char):04X}" for char in value),
    "every letter an entity": lambda value: "".join(f"&#{ord(char)};" for char in value),
    "a list of numbers": lambda value: str(list(value.encode())),
    "hex with blanks": lambda value: value.encode().hex(" "),
    "without its beginning": lambda value: value[6:],
    "without its end": lambda value: value[:-6],
    "its middle": lambda value: value[4:-4],
    "half of its hex": lambda value: value.encode().hex()[:20],
    "half of its base64": lambda value: base64.b64encode(value.encode()).decode()[:14],
}


# -- known secrets


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_secret_is_masked_in_every_disguise(form: Form) -> None:
    text = f"before <{form(VALUE)}> after"
    masked = knowing(VALUE).mask(text)
    mark = f"[redacted bypass_key #{fingerprint(VALUE, PEPPER)}]"
    assert masked.startswith("before <")
    assert masked.endswith("> after")
    inside = masked.removeprefix("before <").removesuffix("> after")
    assert mark in inside
    # What is left beside the mark may be quotes, padding, or base64 of the neighbours.
    assert len(inside.replace(mark, "")) <= 8


@given(
    value=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs"]), min_size=8),
    form=st.sampled_from(sorted(FORMS)),
    around=st.tuples(st.text(max_size=20), st.text(max_size=20)),
)
def test_any_secret_is_masked_in_any_disguise(
    value: str, form: str, around: tuple[str, str]
) -> None:
    value = value.strip()
    assume(len(value) >= 8 and "[redacted" not in value)
    dressed = FORMS[form](value)
    masked = knowing(value).mask(f"{around[0]} {dressed} {around[1]}")
    mark = f"[redacted bypass_key #{fingerprint(value, PEPPER)}]"
    assert dressed not in masked.replace(mark, "")


def test_a_secret_with_white_space_around_it_is_masked_without_it_too() -> None:
    masked = knowing("s3cret-value\n").mask("sent s3cret-value, not b's3cret-value\\n'")
    assert "s3cret" not in masked


def test_the_parts_of_a_token_are_masked() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJlMmUtdGVzdCJ9.c2lnbmF0dXJlLWhlcmU"
    masked = knowing(token).mask(f"payload {token.split('.')[1]} signature {token.split('.')[2]}")
    assert token.split(".")[1] not in masked
    assert token.split(".")[2] not in masked


def test_a_line_of_a_key_file_is_masked() -> None:
    lines = ["-----BEGIN KEY-----", "MIIEvQIBADANBgkq", "hkiG9w0BAQEFAASC", "-----END KEY-----"]
    masked = knowing("\n".join(lines)).mask("could not parse hkiG9w0BAQEFAASC in line 3")
    assert "hkiG9w0" not in masked


def test_overlapping_secrets_leave_no_end_of_either() -> None:
    masked = knowing("abcdefgh", "efghijkl").mask("x abcdefghijkl y")
    assert masked == f"x [redacted bypass_key #{fingerprint('abcdefgh', PEPPER)}] y"


def test_a_secret_that_overlaps_itself_leaves_no_end() -> None:
    mark = f"[redacted bypass_key #{fingerprint('xyzaxyza', PEPPER)}]"
    assert knowing("xyzaxyza").mask("<xyzaxyzaxyza>") == f"<{mark}>"


@pytest.mark.parametrize("before", ["", "u", "u:"])
def test_base64_around_a_secret_keeps_no_bits_of_it(before: str) -> None:
    mark = f"[redacted bypass_key #{fingerprint('s3cret-value', PEPPER)}]"
    encoded = base64.b64encode(f"{before}s3cret-valuex".encode()).decode()
    assert knowing("s3cret-value").mask(f"<{encoded}>") == f"<{mark}>"


def test_a_short_value_is_not_taken_out_of_ordinary_words() -> None:
    assert knowing("e2e").mask("e2e tests 653265") == "e2e tests 653265"


def test_a_value_that_is_no_text_can_be_known() -> None:
    masked = knowing("abc\udc80defgh").mask("got abc\udc80defgh")
    assert "defgh" not in masked


def test_a_secret_learned_later_is_masked_from_then_on() -> None:
    masker = knowing()
    assert masker.mask("token-issued-1") == "token-issued-1"
    masker.learn(secret("token-issued-1", "access_token"))
    assert masker.mask("token-issued-1").startswith("[redacted access_token #")


WRAPPINGS: dict[str, Form] = {
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of a line": lambda key: base64.urlsafe_b64encode(f"{key}\n".encode()).decode()[:-1],
    "base64 twice": lambda key: base64.b64encode(base64.b64encode(key.encode())).decode(),
    "hex": lambda key: key.encode().hex(),
    "percent": lambda key: "".join(f"%{byte:02x}" for byte in key.encode()),
    "name": lambda key: f"E2E_KEY={key}",
    "header": lambda key: f"Authorization: Bearer {key}",
    "quotes": lambda key: f"\ufeff'{key}'\r\n",
    "characters that cannot be seen": lambda key: "\u200b".join((key[:4], key[4:8], key[8:])),
    "a line break, spelled out": lambda key: f"{key}\\n",
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("key", ["Zq8vK3nT7wXp2LmR9sYd4Bq1", "pw4Kz9Qx1r"])
def test_what_a_secret_is_only_a_wrapping_of_is_masked_too(wrapping: str, key: str) -> None:
    masked = knowing(WRAPPINGS[wrapping](key)).mask(f"Invalid key: got {key}!")
    assert masked == f"Invalid key: got [redacted bypass_key #{fingerprint(key, PEPPER)}]!"


def test_a_child_knows_more_and_its_parent_does_not() -> None:
    parent = knowing("first-secret")
    child = parent.child(secret("second-secret"))
    assert "secret" not in child.mask("first-secret second-secret").replace("bypass", "")
    assert parent.mask("second-secret") == "second-secret"


def test_a_secret_shows_itself_only_by_name_and_source() -> None:
    held = secret("s3cret-value")
    assert "s3cret" not in f"{held} {held!r}"
    assert "env:KEY" in str(held)


def test_a_fingerprint_depends_on_value_and_pepper_only() -> None:
    assert fingerprint("a-value", PEPPER) == knowing().fingerprint("a-value")
    assert fingerprint("a-value", PEPPER) != fingerprint("a-value\n", PEPPER)
    assert fingerprint("a-value", PEPPER) != fingerprint("a-value", b"another")
    assert len(fingerprint("a-value", PEPPER)) == 12


@pytest.mark.parametrize("form", MORE_FORMS.values(), ids=MORE_FORMS.keys())
def test_a_secret_is_masked_however_it_is_turned_wrapped_or_cut(form: Form) -> None:
    masked = knowing(RANDOM).mask(f"before <{form(RANDOM)}> after")
    assert masked.startswith("before <")
    assert masked.endswith("> after")
    assert fingerprint(RANDOM, PEPPER) in masked
    left = re.sub(r"\[redacted[^\]]*\]", "", masked).removeprefix("before <")
    assert len(left.removesuffix("> after")) <= 12


def test_a_piece_is_marked_as_one() -> None:
    mark = f"[redacted part of bypass_key #{fingerprint(RANDOM, PEPPER)}]"
    assert knowing(RANDOM).mask(f"key {RANDOM[:13]}…") == f"key {mark}…"


@given(
    value=st.text(string.ascii_letters + string.digits, min_size=24, max_size=48),
    at=st.tuples(st.integers(0, 12), st.integers(0, 12)),
)
def test_eleven_letters_of_a_random_secret_are_not_shown(value: str, at: tuple[int, int]) -> None:
    assume(not is_wordy(value))
    piece = value[at[0] : len(value) - at[1]]
    assume(len(piece) >= 11 and not is_wordy(piece))
    assert piece not in knowing(value).mask(f"log: {piece}!")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("staging-e2e-bypass-4f7Qz0Lx9", "the staging-e2e-bypass is not configured"),
        ("netra-auth-service-secret-for-staging-81723", "iss netra-auth-service-staging"),
        ("proxy-user-of-ours:pAssw0rd-17", "proxy-user-of-ours is not known to the proxy"),
        ("2025-09-07T17:39:41-some-key-0001", "2025-09-07 17:39 started"),
    ],
)
def test_words_that_also_stand_in_a_secret_stay(value: str, text: str) -> None:
    assert knowing(value).mask(text) == text


def test_the_password_of_credentials_is_masked_without_its_user() -> None:
    masked = knowing("svc-user:Hunter2-longer-0").mask("password Hunter2-longer-0 refused")
    assert "Hunter2" not in masked


def test_nothing_is_masked_twice_where_pieces_overlap() -> None:
    masker = knowing(RANDOM)
    once = masker.mask(f"{RANDOM[:14]}{RANDOM[3:]} {RANDOM[::-1]}\n{RANDOM.upper()[:12]}")
    assert "[redacted [" not in once
    assert masker.mask(once) == once


# -- marks


@settings(max_examples=300, deadline=None)
@given(
    values=st.lists(
        st.text("abredct [].:#eyJ-xo=/", min_size=4, max_size=12)
        | st.sampled_from(["redacted", "[redacted", "bypass_key", "token]", "] "]),
        max_size=3,
    ),
    pieces=st.lists(
        st.sampled_from(
            [
                "redacted",
                "[redacted",
                "[redacted token]",
                "]",
                "eyJabcdefgh.abcd.",
                "bearer ",
                "a1b2c3d4e5f6",
                "token=",
                "://u:p@",
                "-----BEGIN PRIVATE KEY-----",
                "xoxb-aaaaaaaaaa",
                "cookie: ",
            ]
        )
        | st.text("abredct [].:#eyJ-xo=/", max_size=8),
        max_size=10,
    ),
)
def test_masking_twice_is_masking_once(values: list[str], pieces: list[str]) -> None:
    masker = knowing(*values)
    once = masker.mask("".join([*pieces, *values, *reversed(pieces)]))
    assert masker.mask(once) == once


def test_what_a_mark_lays_bare_is_masked_in_the_same_go() -> None:
    masker = knowing("foo[reda", "bar-secret")
    once = masker.mask("foobar-secret")
    assert "foo" not in once
    assert masker.mask(once) == once


def test_a_secret_hidden_in_a_false_mark_is_masked() -> None:
    assert "s3cret-value" not in knowing("s3cret-value").mask("[redacted s3cret-value]")


def test_a_name_cannot_break_the_mark() -> None:
    masker = Masker([secret("s3cret-value", "a]b[c\n")], pepper=PEPPER)
    masked = masker.mask("s3cret-value")
    assert masked.startswith("[redacted a_b_c_ #")
    assert masker.mask(masked) == masked


# -- shapes nobody told us about

LOOSE = "q7Zt2Lx9Vb4Nc8Wd1Ym5Kr3Hs6Pf0Gj"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("got eyJhbGciOi.eyJzdWIiOi.c2lnbmF0 back", "eyJzdWIiOi"),
        ("got eyJhbGciOi.eyJzdWIiOi back", "eyJzdWIiOi"),
        ("Bearer%20eyJhbGciOi.eyJzdWIiOi.c2ln", "eyJzdWIiOi"),
        ("jwt.ZXlKaGJHY2lPaUpJVXpJMU5pSjkuZXlK", "ZXlKaGJHY2lP"),
        ("token xoxb-1234567890-abcdef", "1234567890"),
        ("token xoxe.xoxb-1234567890-abcdef", "1234567890"),
        ("token xapp-1-A0123-456-abcdef", "456-abcdef"),
        ("post to https://hooks.slack.com/services/T01/B02/abcdefgh", "abcdefgh"),
        ("Authorization: Bearer abcdefghijkl", "abcdefghijkl"),
        ("authorization=Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA"),
        ("{'Authorization': 'abcdefghijkl'}", "abcdefghijkl"),
        ("header bearer abcdefghijkl1", "abcdefghijkl1"),
        ("X-E2E-Bypass-Key: abcdefghijkl", "abcdefghijkl"),
        ("Set-Cookie: session=abcdefgh; other=ijklmnop", "ijklmnop"),
        ("JWT_SECRET_STAGING=abcdefghijkl", "abcdefghijkl"),
        ("--bypass-key=abcdefghijkl", "abcdefghijkl"),
        ("wss://x/ws?token=abcdefghijkl&env=staging", "abcdefghijkl"),
        ('{"access_token": "abcdefghijkl"}', "abcdefghijkl"),
        (r"{\"refresh_token\":\"abcdefghijkl\"}", "abcdefghijkl"),
        ("postgresql://bot:hunter2@db/x", "hunter2"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEvQ\n-----END RSA PRIVATE KEY-----", "MIIEvQ"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQ, and cut off", "MIIEvQ"),
        ("key AKIA0123456789ABCDEF", "0123456789"),
        ("ghp_0123456789abcdefghij", "0123456789"),
        ("İ" * 20 + " JWT_SECRET=abcdefghijkl", "hijkl"),
        ("{'refresh_token': 'abcdefghijkl'}", "abcdefghijkl"),
        ("JWT_SECRET_KEY: d8e3f1a04b6c4f2e", "d8e3f1a04b6c4f2e"),
        ("expected bypass key: the API_KEY is q7X4kLmZ81vR3tWp0", "q7X4kLmZ81vR3tWp0"),
        ("glpat-0123456789abcdefghij", "0123456789"),
        ("GOCSPX-0123456789abcdefghij", "0123456789"),
        ("sk_live_0123456789abcdefghij", "0123456789"),
        ("hf_aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH", "qRsTuV"),
        ("SG.0123456789abcdefgh.0123456789abcdefgh", "0123456789"),
        ("bot 123456789:AAabcdefghijklmnopqrstuvwxyz0123456", "abcdefghij"),
        ("https://x.test/blob?sv=2022-11-02&sr=b&sig=abcdefghijklmnop0123%3D", "abcdefghij"),
        ("token xwfp-1234567890-1234567890-abcdefABCDEF12", "abcdefABCDEF12"),
        (f"redis://:{LOOSE}@host:6379/0", LOOSE),
        (f"https://{LOOSE}@github.test/x.git", LOOSE),
        (f"postgres://user:pa/ss{LOOSE}@db/x", LOOSE),
        (f"mongodb+srv://user:p@ss{LOOSE}@db/x", LOOSE),
        (f"curl -u admin:{LOOSE} https://x.test", LOOSE),
        (f"wget --user='admin:{LOOSE}' https://x.test", LOOSE),
        (f"tool --db-password {LOOSE} --verbose", LOOSE),
        (f"gh --token {LOOSE}", LOOSE),
        (f"run --bypass-key '{LOOSE}'", LOOSE),
        (f"machine x login y password {LOOSE}", LOOSE),
        (f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{LOOSE}\n", LOOSE),
        (f"eyJhbGciOiJkaXIifQ..{LOOSE}.{LOOSE}.{LOOSE}", LOOSE),
        (f'Authorization: Digest username="u", nonce="n", response="{LOOSE}"', LOOSE),
        (f"Authorization: AWS4-HMAC-SHA256 Credential=A/b, Signature={LOOSE}", LOOSE),
        (f"Authorization: Token {LOOSE}", LOOSE),
        (f"X-Auth: {LOOSE}", LOOSE),
        (f'{{"auths": {{"x.test": {{"auth": "{LOOSE}"}}}}}}', LOOSE),
        (f"config {{Token:{LOOSE} Retries:3}}", LOOSE),
        (f"Invalid E2E bypass key {LOOSE}", LOOSE),
        (f"unknown token '{LOOSE}'", LOOSE),
        (f"expected key abc, got {LOOSE}", LOOSE),
        (f"GET /cb?code={LOOSE}&state=x", LOOSE),
        (f"GET /x?a=1&key={LOOSE}", LOOSE),
    ],
)
def test_what_is_shaped_like_a_secret_is_masked(text: str, hidden: str) -> None:
    masked = knowing().mask(text)
    assert hidden not in masked
    assert "[redacted" in masked


@pytest.mark.parametrize(
    "text",
    [
        '{"detail":"Invalid E2E bypass key"}',
        "E2E bypass key required",
        "Token validation failed | Debug: 373 chars, 2 dots",
        "token: VALIDATION_FAILED",
        "user_context must be a UserExecutionContext instance",
        "Basic authentication-required for this page",
        "Illegal header value b'netra-backend\\n'",
        '"authorization_present": false, "token_characteristics": {"length": 373}',
        "task-execution-manager-service started",
        "(hash: 70610b56526d0480)",
        "https://api.staging.example.test:8443/ws?x=a@b",
        '{"token_type": "Bearer", "expires_in": 900}',
        "token: issued for staging-e2e-user-001 at 2025-09-07",
        "the key is required-for-every-request",
        "password: authentication-failed",
        "https://bot.test/runs/r1?until=1790000000&sig=abcdefghijklmnop0123456789ABCDEFGHIJKLMNOPQ",
        "task-runner disk-usage risk-assessment-of-the-whole-pipeline",
        "eyJ is how a token begins, eyJhbGciOi... is how one is cut",
        "http://127.0.0.1:8443?who=a@b.test and ws://host:8443/ws?x=a@b",
        "redis://cache-1:6379/0?owner=team@x.test",
        "ssh://git@github.test/x.git and https://staging-user-001@x.test",
        "docker run -u 1000:1000 --user app:app e2e-user:001",
        "--password-file /run/secrets/key --token-ttl 900 --key tests/key-0001.pem",
        "-------- --password --------",
        "login failed, password incorrect",
        '{"auth": "netra-auth-service-2", "code": "VALIDATION_FAILED"}',
        "Authorization: token required",
        "Invalid key staging-e2e-user-001, unknown token type",
        "invalid token at position 12, expected key id, got nothing",
        "bypass key: user got 550e8400, request 550e8400-e29b-41d4-a716-446655440000",
        "GET /x?key=staging-e2e-user-001&code=404",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert knowing("s3cret-value").mask(text) == text


def test_a_known_secret_is_named_even_where_it_has_a_shape() -> None:
    token = "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0"
    masker = Masker([secret(token, "access_token")], pepper=PEPPER)
    masked = masker.mask(f"Authorization: Bearer {token}")
    assert masked == f"Authorization: Bearer [redacted access_token #{fingerprint(token, PEPPER)}]"


# -- JSON


def test_every_string_in_json_is_masked_keys_included() -> None:
    value = {"s3cret-value": ["a s3cret-value", {"n": (1, None, True, 1.5)}], "m": {}}
    masked = knowing("s3cret-value").mask_json(value)
    mark = f"[redacted bypass_key #{fingerprint('s3cret-value', PEPPER)}]"
    assert masked == {mark: [f"a {mark}", {"n": [1, None, True, 1.5]}], "m": {}}


def test_a_number_that_is_a_secret_is_masked() -> None:
    masked = knowing("12345678").mask_json([12345678, 1234, True])
    assert masked == [f"[redacted bypass_key #{fingerprint('12345678', PEPPER)}]", 1234, True]


def test_no_entry_is_lost_when_keys_get_the_same_mark() -> None:
    value = {"s3cret-value": 1, b"s3cret-value".hex(): 2}
    assert sorted(knowing("s3cret-value").mask_json(value).values()) == [1, 2]


def test_json_nested_without_end_is_cut_and_not_followed() -> None:
    value: list[object] = []
    for _ in range(5_000):
        value = [value]
    assert "[nested too deeply]" in json.dumps(knowing().mask_json(value))


# -- speed


HOSTILE = {
    "tokens that are none": "eyJ",
    "tokens with dots": "eyJ.",
    "encoded tokens": "ZXlK",
    "bearers": "bearer ",
    "headers": "authorization:",
    "extension headers": "x-a",
    "keys without end": "-----BEGIN PRIVATE KEY-----",
    "addresses": "://a:",
    "assignments": "secret_",
    "marks": "[redacted",
    "own marks": "[redacted token]",
    "the secret": "aaaaaaaa",
    "halves of a secret": "another-secret"[:12],
    "sentences": "token is ",
    "tokens of vendors": "sk-",
    "signatures": "&sig=",
    "dashes": "-",
    "options": "--a",
    "options of curl": "-u a:",
    "stores": "redis://a",
    "logins": "login a ",
    "refusals": "invalid a ",
    "keys that were got": "key got ",
    "left out": "...",
    "numbered lines": "\n1: a",
    "tags": "<a>b",
    "escapes": "\\x41",
    "colours": "\x1b[1m",
    "letters": "a-",
    "digests": "authorization: digest a=b,",
}


def fastest(masker: Masker, text: str) -> float:
    """Return the seconds of processor time that masking takes, which others cannot lengthen."""
    times = []
    for _ in range(3):
        began = time.thread_time()
        masker.mask(text)
        times.append(time.thread_time() - began)
    return min(times)


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    masker = knowing("aaaaaaaaaaaaaaaa", "another-secret")
    # Milliseconds; a pattern that scans the rest again at every start takes many seconds.
    assert fastest(masker, (piece * 65_536)[:65_536]) < 0.25


def test_an_ordinary_text_of_64_kib_takes_milliseconds() -> None:
    masker = knowing(*(f"s3cret-value-{number}" for number in range(20)))
    line = '{"type": "agent_thinking", "token": 1, "authorization": "none", "key": "x-1"}\n'
    assert fastest(masker, (line * 1_000)[:65_536]) < 0.05
