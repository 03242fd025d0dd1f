"""The run page: one file, safe whatever the target sent, and complete without scripts."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import HOSTILE, PASSED_RUN, SAMPLES, SEED_DIAGNOSIS, SEED_RUN, soaked

from bot.model import Status, StepResult, TranscriptLine
from bot.report import POLICY, RENDERERS, Report, build_report, render_html
from bot.report.page.markup import Html, tag
from bot.report.page.page import ALSO
from bot.report.page.waterfall import bars_of
from bot.report.sections import SECTIONS, sections
from bot.report.visible import visible

VOID = {"meta", "input", "br", "hr", "img", "link"}
# All that the page is made of. What a target sends must never add to it.
ELEMENTS = set(
    re.findall(
        r"\S+",
        "html head meta title style script body header main nav footer section div p span strong b"
        " code pre h1 h2 a button dl dt dd ol ul li table caption thead tbody tr th td svg"
        " rect details summary del ins fieldset legend label input output",
    )
)
ATTRIBUTES = set(
    re.findall(
        r"\S+",
        "class id lang charset name content http-equiv href download type hidden data-tool role"
        " data-label scope colspan tabindex title for checked autocomplete placeholder open x y"
        " width height viewbox preserveaspectratio aria-hidden aria-label aria-pressed",
    )
)


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    text: str = ""
    inside: list["Element"] = field(default_factory=list)

    def all(self, name: str) -> list["Element"]:
        """Return the elements called `name` in it, at any depth, in order."""
        found = []
        for one in self.inside:
            found += [one] if one.name == name else []
            found += one.all(name)
        return found

    def classed(self, name: str) -> list["Element"]:
        return [one for one in self.everything() if name in one.attributes.get("class", "").split()]

    def everything(self) -> list["Element"]:
        return [self, *(each for one in self.inside for each in one.everything())]

    def read(self) -> str:
        """Return all text in it."""
        return self.text + "".join(one.read() for one in self.inside)


class Reader(HTMLParser):
    """Reads a page as a browser does; fails where an element is not closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        element = Element(name, {key: value or "" for key, value in attributes})
        assert len(element.attributes) == len(attributes), "an attribute stands twice"
        self.open[-1].inside.append(element)
        if name not in VOID:
            self.open.append(element)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop().name == name

    def handle_data(self, text: str) -> None:
        self.open[-1].inside.append(Element("#text", {}, text=text))


def parsed(text: str) -> Element:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == [reader.root]
    return reader.root


def report_of(name: str) -> Report:
    run, diagnosis = SAMPLES[name]
    return build_report(run, diagnosis, previous=PASSED_RUN)


def page(name: str = "seed") -> Element:
    return parsed(render_html(report_of(name)))


hostile = st.one_of(
    st.sampled_from(sorted(HOSTILE.values())),
    st.text(max_size=200),
    st.text(alphabet="<>&\"'`=/ !-[]ao\x00\x1b\u202e\ud800\n\r\t", max_size=200),
)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sections_stand_in_the_order_of_the_full_report(name: str) -> None:
    titles = [heading.read() for heading in page(name).all("h2")]
    shown = sections(report_of(name), also=ALSO)
    assert titles == [section.title for section in shown]
    assert "Raw transcript" in titles
    assert [title for title in SECTIONS if title in titles] == titles


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_a_target_sends_is_text_and_nothing_else(text: str) -> None:
    attack = f"{text}<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    run, diagnosis = soaked(attack)
    root = parsed(render_html(build_report(run, diagnosis, previous=PASSED_RUN)))
    elements = [one for one in root.everything() if one.name and one.name != "#text"]
    assert {one.name for one in elements} <= ELEMENTS
    assert {key for one in elements for key in one.attributes} <= ATTRIBUTES
    assert len(root.all("script")) == len(root.all("style")) == 1
    assert not set("\x00\x1b\u202e\u2066\x9b") & set(root.read())


@given(text=hostile)
@settings(max_examples=300, deadline=None)
def test_a_child_and_an_attribute_are_read_back_as_they_are(text: str) -> None:
    [element] = parsed(tag("p", text, title=text)).inside
    assert element.read() == visible(text)
    assert element.attributes["title"] == visible(text)


@given(text=hostile)
@settings(max_examples=25, deadline=None)
def test_no_text_changes_what_the_page_is_made_of(text: str) -> None:
    run, diagnosis = soaked(text)
    root = parsed(render_html(build_report(run, diagnosis)))
    assert {one.name for one in root.everything()} <= ELEMENTS | {"", "#text"}


def test_markup_is_not_escaped_twice() -> None:
    assert tag("p", Html("<b>1 &amp; 2</b>"), "<3") == "<p><b>1 &amp; 2</b>&lt;3</p>"


def test_the_policy_allows_this_style_and_this_script_and_nothing_else() -> None:
    root = page()
    for element in ("style", "script"):
        [one] = root.all(element)
        digest = base64.b64encode(hashlib.sha256(one.read().encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in POLICY
    [policy] = [one for one in root.all("meta") if "http-equiv" in one.attributes]
    assert policy.attributes["content"] == POLICY
    assert POLICY.startswith("default-src 'none'")
    assert "unsafe" not in POLICY
    for one in root.everything():
        assert not [key for key in one.attributes if key.startswith("on") or key == "style"]


def test_nothing_is_fetched() -> None:
    for one in page().everything():
        assert "src" not in one.attributes
        assert one.attributes.get("href", "#").startswith(("#", "data:application/json;base64,"))
    assert not re.search(
        r"url\(|@import|fetch|XMLHttp|innerHTML|eval", render_html(report_of("seed"))
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_the_raw_json_comes_with_the_page(name: str) -> None:
    [link] = [one for one in page(name).all("a") if "download" in one.attributes]
    document = base64.b64decode(link.attributes["href"].partition(",")[2]).decode()
    assert document == RENDERERS["json"](report_of(name))
    assert json.loads(document)["schema"] == 1
    assert re.fullmatch(r"stagecheck-[\w-]+\.json", link.attributes["download"])


def test_the_answer_comes_first_with_its_status_in_words() -> None:
    report, [header] = report_of("seed"), page().all("header")
    assert header.all("h1")[0].read() == report.headline
    assert header.classed("badge")[0].read() == "✗ failed"
    assert [one.read() for one in header.all("dt")] == [line.label for line in report.answer]


def test_each_why_opens_its_evidence_in_place() -> None:
    report = report_of("seed")
    links = page().classed("chain")[0].inside
    assert len(links) == len(report.whys)
    for link, why in zip(links, report.whys, strict=True):
        assert why.question in link.read()
        cited = [one.read() for one in link.all("b")]
        assert tuple(cited) == why.evidence
        assert len(link.all("details")) == bool(why.evidence)


def test_whatever_cites_an_observation_shows_it() -> None:
    ids = {seen.id for seen in report_of("seed").observations}
    for name in ("Causes", "Critical findings", "Validation of real execution"):
        [section] = [one for one in page().all("section") if one.all("h2")[0].read() == name]
        assert section.all("details")
        assert {one.read() for one in section.all("b")} <= ids
        assert not re.search(r"\[o\d+", section.read())


def test_what_only_looks_like_a_citation_stays_as_it_is() -> None:
    run = replace(SEED_RUN, not_checked=("It said [o99999]",))
    root = parsed(render_html(build_report(run, SEED_DIAGNOSIS)))
    assert "It said [o99999]" in root.read()


def test_what_differs_from_the_last_pass_stands_side_by_side() -> None:
    report, [table] = report_of("seed"), page().classed("difference")
    rows = table.all("tbody")[0].all("tr")
    assert [row.all("th")[0].read() for row in rows] == [one.what for one in report.changes]
    [revision] = [row for row in rows if "revision" in row.read()]
    assert [one.read() for one in revision.all("del")] == ["0.9.8"]
    assert [one.read() for one in revision.all("ins")] == ["1.0.0"]


def test_every_step_and_experiment_has_a_row_and_all_bars_lie_in_the_run() -> None:
    report, [table] = report_of("seed"), page().classed("waterfall")
    titles = [one.title for one in (*report.steps, *report.experiments)]
    rows = [row for row in table.all("tr") if row.all("td")]
    assert [row.all("th")[0].read() for row in rows] == titles
    for bar in table.all("rect"):
        left, width = float(bar.attributes["x"]), float(bar.attributes["width"])
        assert left >= 0
        assert width > 0
        assert left + width <= 1000


def test_a_step_stands_where_it_was_seen() -> None:
    line = TranscriptLine(
        at=SEED_RUN.started_at + timedelta(seconds=5), step="late", direction="<", text="done"
    )
    late = StepResult(name="late", title="Late", status=Status.FAILED, duration_s=2.0)
    unseen = StepResult(name="unseen", title="Unseen", status=Status.FAILED, duration_s=1.0)
    run = replace(SEED_RUN, steps=(late, unseen), transcript=(line,), experiments=())
    seen = build_report(replace(run, duration_s=6.0), SEED_DIAGNOSIS)
    assert [bar.begun_s for bar in bars_of(seen)] == [3.0, 5.0]
    beyond = build_report(replace(run, duration_s=3.0), SEED_DIAGNOSIS)
    assert [bar.begun_s for bar in bars_of(beyond)] == [0.0, 2.0]


def test_frames_can_be_filtered_without_a_script() -> None:
    root = page()
    [transcript], [style] = root.classed("transcript"), root.all("style")
    boxes = {one.attributes["id"] for one in transcript.all("input") if "id" in one.attributes}
    used = {name for frame in transcript.classed("frames")[0].inside for name in classes(frame)} - {
        "experiment"
    }
    assert {f"show-{name}" for name in used} <= boxes
    for name in used:
        assert f":has(#show-{name}:not(:checked)) .{name} {{ display: none }}" in style.read()


def classes(element: Element) -> list[str]:
    return element.attributes["class"].split()


def frames(*texts: str) -> Element:
    lines = tuple(
        TranscriptLine(at=SEED_RUN.started_at, step="events", direction="<", text=text)
        for text in texts
    )
    report = build_report(replace(SEED_RUN, transcript=lines), SEED_DIAGNOSIS)
    return parsed(render_html(report)).classed("frames")[0]


def test_a_long_frame_is_closed_and_whole() -> None:
    text = "".join(f"{number:05d}" for number in range(8_000))
    [frame] = frames(text).inside
    [details] = frame.all("details")
    assert "open" not in details.attributes
    assert details.all("pre")[-1].read() == text


def test_the_end_of_the_frames_is_never_cut() -> None:
    shown = frames(*(f"frame {number} {'x' * 30_000}" for number in range(200)), "the last word")
    assert "the last word" in shown.inside[-1].read()
    assert "frame 0 " in shown.inside[0].read()
    [gap] = shown.classed("gap")
    left_out = int(re.findall(r"\d+", gap.read())[0])
    assert left_out == 201 - (len(shown.inside) - 1)


def test_a_pasted_text_is_shown_as_it_is() -> None:
    [pasted] = page("pasted").classed("pasted")
    assert pasted.read().startswith(report_of("pasted").transcript[0].text[:40])
    assert not page("pasted").classed("waterfall")


def test_only_what_needs_a_script_is_hidden_from_those_without() -> None:
    hidden = [one for one in page().everything() if "hidden" in one.attributes]
    assert sorted(one.name for one in hidden) == ["button", "button", "label"]
