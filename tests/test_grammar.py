"""Every line of text is understood, or refused with the nearest thing that can be."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.grammar import Parameter, Parsed, Syntax, parse
from bot.commands.words import echo, split
from bot.errors import UsageError

TARGET = Parameter(name="target", placeholder="TARGET")
SYNTAXES = (
    Syntax(
        name="run",
        parameters=(TARGET, Parameter(name="check", placeholder="NAME", option=True)),
        implied=True,
    ),
    Syntax(name="status"),
    Syntax(name="history", parameters=(TARGET,)),
    Syntax(name="show", parameters=(Parameter(name="run", placeholder="RUN", required=True),)),
    Syntax(name="explain", parameters=(Parameter(name="text", placeholder="TEXT", verbatim=True),)),
    Syntax(name="incident list", implied=True),
    Syntax(
        name="incident open",
        parameters=(TARGET, Parameter(name="title", placeholder="TITLE", rest=True)),
    ),
    Syntax(name="help", parameters=(Parameter(name="command", placeholder="COMMAND", rest=True),)),
    Syntax(
        name="note",
        parameters=(
            Parameter(name="incident", placeholder="INCIDENT", passes=r"(?!i\d+$).*"),
            Parameter(name="text", placeholder="TEXT", required=True, rest=True),
        ),
    ),
)
OPENED = {"target": "staging", "title": "it's “down"}
VOCABULARY = {
    "target": ("staging", "Prod-EU"),
    "check": ("pipeline", "key"),
    "command": ("run", "incident open"),
}


def understood(line: str) -> Parsed:
    return parse(line, SYNTAXES, VOCABULARY)


def refused(line: str) -> str:
    with pytest.raises(UsageError) as caught:
        understood(line)
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        ("", "run", {}),
        ("run", "run", {}),
        ("staging", "run", {"target": "staging"}),
        ("run staging", "run", {"target": "staging"}),
        ("RUN Staging", "run", {"target": "staging"}),
        ("prod-eu", "run", {"target": "Prod-EU"}),
        ("/stagecheck staging", "run", {"target": "staging"}),
        ("  staging\t--check\u00a0key ", "run", {"target": "staging", "check": "key"}),
        ("--check=key staging", "run", {"target": "staging", "check": "key"}),
        ("staging —check key", "run", {"target": "staging", "check": "key"}),
        ("staging –check “key”", "run", {"target": "staging", "check": "key"}),
        ('run "staging"', "run", {"target": "staging"}),
        ("run `staging`", "run", {"target": "staging"}),
        ("run <#C0123|staging>", "run", {"target": "staging"}),
        ("#staging", "run", {"target": "staging"}),
        ("\u200bstaging\u200d", "run", {"target": "staging"}),
        ("status", "status", {}),
        ("history", "history", {}),
        ("history staging", "history", {"target": "staging"}),
        ("show 3f9a01", "show", {"run": "3f9a01"}),
        ("explain", "explain", {}),
        (" /stagecheck  Explain \n ", "explain", {}),
        ("explain it's --broken=“so”", "explain", {"text": "it's --broken=“so”"}),
        ('explain "no end', "explain", {"text": '"no end'}),
        ("explain a\n  b\t\x1b[31m", "explain", {"text": "a\n  b\t\x1b[31m"}),
        ("\u200bexplain a &lt;b&gt; &amp;amp;", "explain", {"text": "a <b> &amp;"}),
        ("explain <https://x.test/a|x.test/a> <@U1|ada>", "explain", {"text": "x.test/a @U1"}),
        ("explain explain", "explain", {"text": "explain"}),
        ("incident", "incident list", {}),
        ("Incident  LIST", "incident list", {}),
        ("incident “open” #staging it's “down", "incident open", OPENED),
        ("help `incident open`", "help", {"command": "incident open"}),
        ("help Run", "help", {"command": "run"}),
        ("note i3 seen", "note", {"incident": "i3", "text": "seen"}),
        ("note I3 seen  it", "note", {"incident": "I3", "text": "seen  it"}),
        ("note it's --bad “so”", "note", {"text": "it's --bad “so”"}),
        ("note i3 --bad", "note", {"incident": "i3", "text": "--bad"}),
        ('note "no end', "note", {"text": '"no end'}),
        ("note i3 i4", "note", {"incident": "i3", "text": "i4"}),
        ("note i3x ok", "note", {"text": "i3x ok"}),
        ("note <@U1|ada> a &lt; b\n c", "note", {"text": "@U1 a < b\n c"}),
    ],
)
def test_a_line_is_understood_however_it_was_typed(
    line: str, command: str, arguments: dict[str, str]
) -> None:
    assert understood(line) == Parsed(command=command, arguments=arguments)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("statsu", "There is no command or target `statsu`. Did you mean `status`?"),
        ("stagin", "There is no command or target `stagin`. Did you mean `staging`?"),
        ("run stging", "There is no target `stging`. Did you mean `staging`?"),
        ("run moon", "There is no target `moon`. Known: Prod-EU, staging."),
        ("staging --check kye", "There is no check `kye`. Did you mean `key`?"),
        ("staging --chekc key", "`run` has no option `--chekc`. Did you mean `--check`?"),
        ("staging --check", "`--check` needs a value. Usage: `[run] [TARGET] [--check NAME]`."),
        ("staging --check key --check key", "`--check` is given twice."),
        ("status staging", "`staging` is one word too many. Usage: `status`."),
        ("show", "`show` needs RUN. Usage: `show RUN`."),
        ("note i3", "`note` needs TEXT. Usage: `note [INCIDENT] TEXT`."),
        ("incidnt", "There is no command or target `incidnt`. Did you mean `incident`?"),
        ("incident opne", "There is no command `incident opne`. Did you mean `incident open`?"),
        ("incident i3", "There is no command `incident i3`. Known: incident list, incident open."),
        ("incident --all", "`incident list` has no option `--all`. Usage: `incident [list]`."),
        ("incident open moon", "There is no target `moon`. Known: Prod-EU, staging."),
        ("help me", "There is no command `me`. Known: incident open, run."),
        ("zzz", "There is no command or target `zzz`."),
        ('run "staging', "A quote is opened and never closed."),
    ],
)
def test_what_is_not_understood_names_the_nearest_thing_that_is(line: str, answer: str) -> None:
    assert refused(line).startswith(answer)


def test_a_very_long_word_is_not_echoed_whole() -> None:
    assert len(refused("x" * 4000)) < 200


@given(st.text(min_size=1, alphabet="`x") | st.text())
def test_what_is_echoed_ends_no_code_of_ours(word: str) -> None:
    assert "`" not in echo(word)
    assert len(echo(word)) <= 61


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("“two words” one", ["two words", "one"]),
        ("„so quoted“ «or so»", ["so quoted", "or so"]),
        ("don't 'but so'", ["don't", "but so"]),
        ("‘tis what I don't know", ["‘tis", "what", "I", "don't", "know"]),
        ("<@U123|ada> <@U456>", ["@U123", "@U456"]),
        ("<https://a.test/x|a.test/x> <https://a.test>", ["a.test/x", "https://a.test"]),
        ("a &amp;&lt;b", ["a", "&<b"]),
        ('""', [""]),
    ],
)
def test_quotes_and_escapes_of_slack_clients_are_undone(line: str, words: list[str]) -> None:
    assert list(split(line)) == words


PIECES = [
    "run",
    "note",
    "i3",
    "explain",
    "staging",
    "--check",
    "—check",
    "“",
    "”",
    '"',
    "'",
    "<@U1|a>",
    "<#|>",
    "&lt;",
    "`",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map(" ".join)))
def test_any_text_at_all_is_understood_or_refused(line: str) -> None:
    with suppress(UsageError):
        assert understood(line).command in {syntax.name for syntax in SYNTAXES}
