"""Recorded runs are diagnosed as was once reviewed; an answer changes only by a reviewed diff.

Recorded by ``python -m tests.record_corpus``; a changed answer is accepted by
``python -m tests.record_corpus --answers``.
"""

import getpass
import json
import re
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from bot.sandbox import FAULTS
from tests.evidence import KEY_REFUSED, refused
from tests.recordings import CORPUS, answer, answers, names, read, run_of, text_of

MOST_BYTES = 2_000_000
RECORDED = names()
ACCEPTED = answers()


def test_every_fault_is_recorded_and_nothing_else_is() -> None:
    missing = sorted(set(FAULTS) - set(RECORDED))
    gone = sorted(set(RECORDED) - set(FAULTS))
    assert missing == [], "python -m tests.record_corpus --missing"
    assert gone == [], "python -m tests.record_corpus deletes them"


def test_every_recording_has_an_accepted_answer_and_nothing_else_has() -> None:
    assert sorted(ACCEPTED) == RECORDED, "python -m tests.record_corpus --answers"


@pytest.mark.parametrize("fault", RECORDED)
def test_a_recorded_run_is_diagnosed_as_accepted(fault: str) -> None:
    assert answer(run_of(read(fault))) == ACCEPTED.get(fault)


@pytest.mark.parametrize("fault", RECORDED)
def test_a_recording_is_read_and_would_be_written_the_same(fault: str) -> None:
    text = read(fault)
    assert text_of(run_of(text), Path("/nowhere/at/all")) == text


LOCAL = re.compile(r"/(?:tmp|root|home|work|Users|var)/|\.pyenv|site-packages")


@pytest.mark.parametrize("fault", RECORDED)
def test_a_recording_does_not_show_where_it_was_made(fault: str) -> None:
    text = read(fault)
    assert LOCAL.findall(text) == []
    assert json.loads(text)["caller"]["id"] == "tests"
    for word in {socket.gethostname(), getpass.getuser()} - {"localhost"}:
        assert not re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w.-])", text)


def test_the_corpus_is_small() -> None:
    assert sum(file.stat().st_size for file in CORPUS.iterdir()) < MOST_BYTES


def test_the_same_run_at_other_ports_and_in_another_folder_is_recorded_alike() -> None:
    def recorded(port: int, folder: str) -> str:
        key = {"exchange.key_source": f"file:{folder}/staging.secrets/key"}
        url = {"exchange.url": f"http://127.0.0.1:{port}/x", "exchange.body": f"not at {port}"}
        run = refused({**KEY_REFUSED, **key, **url}, "X", "a frame of 0.43211 s, run_43211")
        return text_of(replace(run, impact=f"{folder}/a"), Path(folder))

    once = recorded(43211, "/tmp/corpus-a")
    assert once == recorded(51007, "/tmp/corpus-b")
    assert "http://127.0.0.1:20001/x" in once
    assert "not at 20001" in once
    assert "0.43211 s, run_43211" in once
