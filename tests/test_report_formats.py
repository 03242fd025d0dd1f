"""Each renderer: text, JSON, Markdown and JUnit, with honest input and with hostile input."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from samples import HOSTILE, PASSED_RUN, SAMPLES, SEED_DIAGNOSIS, SEED_RUN, soaked

from bot.model import Run, Status, TranscriptLine
from bot.report import RENDERERS, Report, build_report, render_text
from bot.report.columns import WIDTH, width_of
from bot.report.sections import SECTIONS

TITLES = list(SECTIONS)


def report_of(name: str) -> Report:
    run, diagnosis = SAMPLES[name]
    return build_report(run, diagnosis, previous=PASSED_RUN)


def render(format: str, name: str = "seed") -> str:
    return RENDERERS[format](report_of(name))


def with_transcript(*texts: str) -> Report:
    lines = tuple(
        TranscriptLine(at=SEED_RUN.started_at, step="events", direction="<", text=text)
        for text in texts
    )
    return build_report(replace(SEED_RUN, transcript=lines), SEED_DIAGNOSIS)


hostile = st.one_of(
    st.sampled_from(sorted(HOSTILE.values())),
    st.text(max_size=300),
    st.text(alphabet="`*_~<>|&#[]()!@$\\\x00\x1b\u202e\ud800\n\r\t x", max_size=300),
    st.builds(lambda char, times: char * times, st.characters(), st.integers(1, 40_000)),
)


# JSON

STRING = {"type": "string"}
IDS = {"type": "array", "items": {"type": "string", "pattern": "^o[0-9]+$"}}


def closed(**keys: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": keys,
        "required": list(keys),
        "additionalProperties": False,
    }


def listing(**keys: object) -> dict[str, object]:
    return {"type": "array", "items": closed(**keys)}


INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
STATUS = {"enum": ["passed", "degraded", "failed", "errored", "skipped"]}
SCHEMA_1 = closed(
    schema={"const": 1},
    run_id=STRING,
    target=STRING,
    check=STRING,
    status=STATUS,
    executed={"type": "boolean"},
    started_at=INSTANT,
    duration_s={"type": "number"},
    steps=listing(
        name=STRING, title=STRING, status=STATUS, duration_s={"type": "number"}, detail=STRING
    ),
    observations=listing(id=STRING, at=INSTANT, step=STRING, key=STRING, value={}),
    causes=listing(
        label=STRING,
        role={"enum": ["sufficient", "contributing", "incidental"]},
        confidence={"type": "number", "minimum": 0, "maximum": 1},
        evidence=IDS,
    ),
    whys=listing(
        question=STRING,
        answer=STRING,
        kind={"enum": ["observed", "inferred", "unknown"]},
        evidence=IDS,
    ),
    ruled_out=listing(label=STRING, evidence=IDS),
    unknowns=listing(question=STRING, experiment=STRING),
    findings=listing(
        title=STRING,
        location=STRING,
        issue=STRING,
        impact=STRING,
        severity={"enum": ["critical", "high", "medium", "low"]},
        evidence=IDS,
    ),
    next_steps=listing(title=STRING, command=STRING),
    changed_since_last_pass={"type": "array", "items": STRING},
    proof={"type": "object", "required": ["verdict", "statement", "proven", "missing"]},
    provenance=listing(key=STRING, source=STRING, value=STRING, note=STRING),
    impact=STRING,
)


@pytest.mark.parametrize("name", SAMPLES)
def test_json_has_exactly_the_keys_of_schema_1_in_order(name: str) -> None:
    document = json.loads(render("json", name))
    jsonschema.validate(document, SCHEMA_1)
    assert list(document) == list(SCHEMA_1["properties"])


@pytest.mark.parametrize("name", SAMPLES)
def test_json_resolves_every_citation(name: str) -> None:
    document = json.loads(render("json", name))
    known = {seen["id"] for seen in document["observations"]}
    citing = [document[key] for key in ("causes", "whys", "ruled_out", "findings")]
    citing += [document["proof"]["proven"], document["proof"]["missing"]]
    assert {cited for group in citing for one in group for cited in one["evidence"]} <= known


def test_json_gives_the_proof_as_facts_too() -> None:
    proof = json.loads(render("json", "passed"))["proof"]
    assert proof["verdict"] == "proven"
    assert proof["addresses"]["api.staging.example.test"] == "203.0.113.9"
    assert proof["bytes_received"] == 5127


def test_json_takes_numbers_that_json_does_not_know() -> None:
    first, *rest = SEED_RUN.observations
    odd = replace(first, value={"a": float("nan"), "b": [float("inf"), "\ud800"]})
    run = replace(SEED_RUN, observations=(odd, *rest))
    document = json.loads(RENDERERS["json"](build_report(run, SEED_DIAGNOSIS)))
    assert document["observations"][0]["value"] == {"a": "nan", "b": ["inf", "‹U+D800›"]}


# Sections


def titles_in(text: str, pattern: str) -> list[str]:
    return [title for title in re.findall(pattern, text, re.MULTILINE) if title in TITLES]


@pytest.mark.parametrize("name", ["seed", "degraded", "errored", "pasted"])
def test_markdown_and_text_have_every_section_in_order(name: str) -> None:
    assert titles_in(render("markdown", name), r"^## (.*)$") == TITLES
    assert titles_in(render("text", name), r"^(.*)\n-+$") == TITLES


def test_the_report_of_a_passed_run_is_short_and_proves_itself() -> None:
    expected = ["Summary", "Validation of real execution", "What was not checked", "Evidence"]
    assert titles_in(render("markdown", "passed"), r"^## (.*)$") == expected


@pytest.mark.parametrize("format", ["text", "markdown"])
@pytest.mark.parametrize("name", SAMPLES)
def test_every_id_cited_is_shown_with_its_value(format: str, name: str) -> None:
    text = render(format, name)
    cited = set(re.findall(r"\bo\d+\b(?=[,\]])", text))
    evidence = text[text.rindex("Evidence") :]
    assert cited
    assert cited <= set(re.findall(r"^ *(o\d+) \S+ = ", evidence, re.MULTILINE))


def test_evidence_resolves_what_each_kind_of_statement_cites() -> None:
    one = SEED_DIAGNOSIS
    diagnosis = replace(
        one,
        causes=(replace(one.causes[0], evidence=("o1",)),),
        whys=(replace(one.whys[0], evidence=("o2",)),),
        ruled_out=(replace(one.ruled_out[0], evidence=("o3",)),),
        findings=(replace(one.findings[0], evidence=("o4",)),),
    )
    text = RENDERERS["text"](build_report(SEED_RUN, diagnosis))
    evidence = re.findall(r"^  (o\d+) ", text[text.rindex("Evidence") :], re.MULTILINE)
    [missing] = [seen.id for seen in SEED_RUN.observations if seen.path == "events.missing"]
    assert {"o1", "o2", "o3", "o4", missing} <= set(evidence)


def test_the_unknown_that_ends_the_chain_is_said_once() -> None:
    question = SEED_DIAGNOSIS.whys[-1].question
    unknown = replace(SEED_DIAGNOSIS.unknowns[0], question=question)
    diagnosis = replace(SEED_DIAGNOSIS, unknowns=(unknown,))
    text = RENDERERS["text"](build_report(SEED_RUN, diagnosis))
    assert text.count(question) == 1
    assert "What the evidence does not tell" not in text
    assert "What the evidence does not tell" in render("text")


@pytest.mark.parametrize("format", ["text", "markdown", "blocks"])
def test_a_pasted_text_without_a_time_is_given_none(format: str) -> None:
    run = replace(SAMPLES["pasted"][0], started_at=datetime(1970, 1, 1, tzinfo=UTC))
    text = RENDERERS[format](build_report(run, SEED_DIAGNOSIS))
    assert "1970" not in text
    assert "<!date" not in text
    assert "14 lines read" in text


# Transcript


@pytest.mark.parametrize("format", ["text", "markdown", "junit"])
@pytest.mark.parametrize("lines", [1, 2, 40, 9_000])
def test_the_end_of_the_transcript_is_never_lost(format: str, lines: int) -> None:
    texts = [f"line {number} {'x' * 30}" for number in range(lines)]
    text = RENDERERS[format](with_transcript(*texts, "y" * 90_000, "the last words"))
    assert "the last words" in text
    assert "line 0 " in text


@pytest.mark.parametrize("format", ["text", "markdown", "blocks"])
def test_long_experiments_never_push_out_the_failure_itself(format: str) -> None:
    again = SEED_RUN.transcript[0]
    probing = tuple(replace(again, step="key_dummy", text="p" * 500) for _ in range(900))
    run = replace(SEED_RUN, transcript=(*SEED_RUN.transcript, *probing))
    text = RENDERERS[format](build_report(run, SEED_DIAGNOSIS))
    assert "close 1008 Authentication failed" in text
    assert "Experiments, made afterwards" in text
    assert re.search(r"cut\s+from\s+the\s+middle", text)


@pytest.mark.parametrize("format", ["text", "markdown", "junit", "blocks"])
def test_a_frame_that_the_reasoning_cites_is_never_cut(format: str) -> None:
    heard = TranscriptLine(at=SEED_RUN.started_at, step="token_garbage", direction="<", text="")
    probing = [replace(heard, text=f"noise {number} {'p' * 90}") for number in range(4_000)]
    probing[2_000] = replace(heard, text='{"error_code": "VALIDATION_FAILED"}')
    run = replace(SEED_RUN, transcript=(*SEED_RUN.transcript, *probing))
    text = RENDERERS[format](build_report(run, SEED_DIAGNOSIS))
    assert re.search(r"error_code[\\\"]+: [\\\"]+VALIDATION_FAILED", text)
    assert "noise 1990 " not in text


@pytest.mark.parametrize("format", ["text", "markdown", "junit"])
def test_the_end_of_a_single_endless_line_is_kept(format: str) -> None:
    text = RENDERERS[format](with_transcript("x" * 200_000 + " the very end"))
    assert "the very end" in text
    assert re.search(r"[\d,]+ characters\s+cut", text)


@pytest.mark.parametrize("format", ["text", "markdown", "junit"])
def test_a_cut_says_how_much_is_gone(format: str) -> None:
    text = RENDERERS[format](with_transcript(*["z" * 100] * 5_000, "end"))
    assert re.search(r"… [\d,]+ lines, [\d,]+ characters, cut from the middle …", text)


# Text

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.mark.parametrize("name", SAMPLES)
def test_text_fits_a_terminal(name: str) -> None:
    assert max(map(width_of, render("text", name).splitlines())) <= WIDTH
    for columns in (60, 80):
        lines = render_text(report_of(name), columns=columns).splitlines()
        assert max(map(width_of, lines)) <= columns
    assert render_text(report_of(name), columns=200) == render("text", name)


@settings(max_examples=40, deadline=None)
@given(text=hostile)
def test_text_stays_within_the_width_and_steers_no_terminal(text: str) -> None:
    rendered = RENDERERS["text"](build_report(*soaked(text)))
    lines = rendered.split("\n")
    assert max(map(width_of, lines)) <= WIDTH
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", rendered
    )
    assert [line for line in lines if line in TITLES] == TITLES


# Markdown


def tokens(markdown: str) -> Iterator[Token]:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for token in parser.parse(markdown):
        yield token
        yield from token.children or ()


@settings(max_examples=40, deadline=None)
@given(text=hostile)
def test_markdown_shows_hostile_text_as_text(text: str) -> None:
    markdown = RENDERERS["markdown"](build_report(*soaked(text)))
    kinds = {token.type for token in tokens(markdown)}
    assert not kinds & {"html_inline", "html_block", "link_open", "image", "em_open", "s_open"}
    html = MarkdownIt("commonmark").render(markdown)
    assert re.findall(r"<h2>(.*?)</h2>", html) == TITLES
    assert html.count("<h") == 1 + len(TITLES)
    assert "<blockquote>" not in html
    assert not re.search(r"<li>\s*<[uo]l", html)


@pytest.mark.parametrize("kind", ["heading", "quote", "bullet", "number", "box", "rule"])
def test_markdown_shows_what_only_starts_a_line_as_text(kind: str) -> None:
    shown = HOSTILE[kind].replace(">", "&gt;")
    html = MarkdownIt("commonmark").render(
        RENDERERS["markdown"](build_report(*soaked(HOSTILE[kind])))
    )
    assert re.findall(r"<h2>(.*?)</h2>", html) == TITLES
    assert f"<li>{shown}</li>" in html


def test_markdown_notifies_nobody() -> None:
    markdown = RENDERERS["markdown"](build_report(*soaked("ask @octocat or @org/team, not a@b.c")))
    outside_code = re.sub(r"```.*?```|`[^`\n]*`", "", markdown, flags=re.DOTALL)
    assert not re.findall(r"(?<!\w)@\w+", outside_code)
    assert "a@b.c" in outside_code


def test_markdown_is_pleasant_to_read_raw() -> None:
    markdown = render("markdown")
    assert "ws_server_code_error" in markdown
    assert re.search(r"failure\. \[o\d+, o\d+, o\d+\]", markdown)


# JUnit


def suite_of(run: Run) -> ET.Element:
    xml = RENDERERS["junit"](build_report(run, SEED_DIAGNOSIS))
    root = ET.fromstring(xml)
    [suite] = root.findall("testsuite")
    return suite


def counted(suite: ET.Element) -> dict[str, int]:
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    found = {name: len(suite.findall(f"testcase/{kind}")) for name, kind in kinds.items()}
    assert {name: int(suite.attrib[name]) for name in kinds} == found
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
    return found


def test_junit_has_a_case_per_step_and_experiment() -> None:
    suite = suite_of(SEED_RUN)
    assert len(suite.findall("testcase")) == len(SEED_RUN.steps) + len(SEED_RUN.experiments)
    assert counted(suite) == {"failures": 2, "errors": 0, "skipped": 0}


def test_junit_blames_each_failed_step_on_its_own_cause() -> None:
    types = [failure.attrib["type"] for failure in suite_of(SEED_RUN).iter("failure")]
    assert types == ["bypass_key_mismatch", "ws_server_code_error"]


def test_junit_of_a_degraded_run_is_not_red() -> None:
    suite = ET.fromstring(render("junit", "degraded")).find("testsuite")
    assert suite is not None
    assert counted(suite) == {"failures": 0, "errors": 0, "skipped": 1}


def test_junit_of_our_own_trouble_is_an_error_and_no_failure() -> None:
    suite = ET.fromstring(render("junit", "errored")).find("testsuite")
    assert suite is not None
    assert counted(suite) == {"failures": 0, "errors": 1, "skipped": 1}


@pytest.mark.parametrize(
    ("status", "kind"), [(Status.FAILED, "failures"), (Status.ERRORED, "errors")]
)
def test_junit_turns_red_even_when_no_step_is_to_blame(status: Status, kind: str) -> None:
    suite = suite_of(replace(SEED_RUN, status=status, steps=()))
    assert counted(suite)[kind] == 1


def test_junit_carries_properties_and_the_transcript() -> None:
    suite = suite_of(SEED_RUN)
    properties = {one.attrib["name"]: one.attrib["value"] for one in suite.iter("property")}
    assert properties["status"] == "failed"
    assert properties["cause.0"] == "ws_server_code_error sufficient 0.97"
    assert (suite.findtext("system-out") or "").endswith("close 1008 Authentication failed")


@settings(max_examples=40, deadline=None)
@given(text=hostile)
def test_junit_is_valid_xml_whatever_the_target_says(text: str) -> None:
    root = ET.fromstring(RENDERERS["junit"](build_report(*soaked(text))).encode())
    assert root.find("testsuite/testcase") is not None


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("format", RENDERERS)
def test_every_format_can_be_written_as_utf_8(format: str, kind: str) -> None:
    assert RENDERERS[format](build_report(*soaked(HOSTILE[kind]))).encode().endswith(b"\n")
