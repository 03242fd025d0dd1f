"""What is no configuration at all is refused with its place; nothing else is ever raised."""

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.config import json_schema, load
from bot.errors import ConfigError
from tests.configurations import FULL, MINIMAL, loaded, refusal, refusal_under, staging


def test_a_key_is_the_text_as_it_is_written(tmp_path: Path) -> None:
    target = staging(tmp_path, "request: {payload: {on: 1, true: 2, 1.50: 3, null: 4}}")
    assert {"on", "true", "1.50", "null"} <= set(target.request.payload)


def test_a_duplicate_key_is_refused_with_both_places(tmp_path: Path) -> None:
    words = refusal_under(tmp_path, "api_url: https://other.example.test")
    assert words == "stagecheck.yaml:6:5: api_url is given twice; first in line 3."


def test_a_tab_is_named_as_one(tmp_path: Path) -> None:
    assert refusal(tmp_path, "targets:\n\tstaging: {}\n") == (
        "stagecheck.yaml:2:1: A tab. YAML indents with spaces."
    )


def test_what_broken_yaml_lacks_is_named(tmp_path: Path) -> None:
    words = refusal(tmp_path, "targets: [1, 2")
    assert "expected ',' or ']', but got '<stream end>'" in words


def test_broken_yaml_is_refused_with_its_place_and_no_value(tmp_path: Path) -> None:
    words = refusal(tmp_path, MINIMAL + "    bypass_key: 'hunter2\n")
    assert words.startswith("stagecheck.yaml:7:1: This is not YAML")
    assert "hunter2" not in words


@pytest.mark.parametrize(
    "value", ["*hunter2", "!hunter2 x", "!hunter2!x y", "%hunter2", "@hunter2"]
)
def test_a_secret_that_yaml_takes_for_syntax_is_not_printed(tmp_path: Path, value: str) -> None:
    assert "hunter2" not in refusal_under(tmp_path, f"bypass_key: {value}")


def test_aliases_cannot_unfold_into_gigabytes(tmp_path: Path) -> None:
    bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )
    assert "More than 20000 values, aliases unfolded." in refusal(tmp_path, bomb)


def test_aliases_cannot_nest_without_end(tmp_path: Path) -> None:
    deep = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 60))
    assert "Nested deeper than 40 levels." in refusal(tmp_path, deep)


def test_deep_nesting_is_refused_quickly(tmp_path: Path) -> None:
    assert "Nested deeper than 40 levels." in refusal(tmp_path, "[" * 100_000)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty."),
        (b"# nothing\n", "is empty."),
        (b"- a\n", "A configuration is a mapping"),
        (b"a: 1\n---\nb: 2\n", ":2:1: A second document begins here"),
        (b"targets: !!python/object:os.system {}\n", "Tags (!) are not supported here."),
        (b"? [a]\n: 1\n", "A key must be text"),
        (b"<<: 3\n", "What << takes over must be a mapping."),
        (b"a: \x00\n", ":1:4: A character that YAML does not allow."),
        (b'a: "\\UFFFFFFFF"\n', "out of range"),
        (b'a: "\\ud800"\n', "Half a surrogate pair"),
        (b"a: 1\nb: \xff\n", ":2: This is not UTF-8 text."),
        ("targets: {}".encode("utf-16"), ":1: This is not UTF-8 text."),
        (b"#" * 300_000, "is larger than 256 KiB."),
    ],
)
def test_what_is_no_configuration_is_refused_with_the_reason(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "stagecheck.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        load(path, env={})
    assert words in str(refused.value)


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a file"):
        load(tmp_path, env={})


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_random_yaml_is_accepted_or_refused_and_nothing_else(
    tmp_path: Path, data: st.DataObject
) -> None:
    known = sorted({*json_schema()["properties"], *json_schema()["$defs"]["Target"]["properties"]})
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    keys = st.sampled_from([*known, "staging", "headers", "path"]) | st.text(max_size=5)
    values = st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    )
    document = data.draw(st.dictionaries(keys, values, max_size=5))
    target = data.draw(st.dictionaries(keys, values, max_size=4) | values)
    document["targets"] = {"staging": target}
    text = yaml.safe_dump(document, allow_unicode=data.draw(st.booleans()))
    with suppress(ConfigError):
        loaded(tmp_path, text, {"A": "b"})


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.integers(0, len(FULL)),
    st.integers(0, 40),
    st.text("\t\n {}[]:,&*!%@`'\"|>-#?ab\\0", max_size=8),
)
def test_a_damaged_file_is_accepted_or_refused_and_nothing_else(
    tmp_path: Path, start: int, length: int, put: str
) -> None:
    text = FULL[:start] + put + FULL[start + length :]
    with suppress(ConfigError):
        loaded(tmp_path, text)
