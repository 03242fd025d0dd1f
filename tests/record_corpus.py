"""Record the corpus anew, or accept what it is diagnosed as.

    python -m tests.record_corpus [FAULT…]     record these faults, or all of them
    python -m tests.record_corpus --missing    record the faults that have no recording
    python -m tests.record_corpus --answers    accept today's answers; read the diff of them

A recording of a fault that is gone is deleted. Recording changes no answer: an answer changes only
when somebody accepts it.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.sandbox import FAULTS
from tests.every_fault import check, check_all
from tests.recordings import (
    ANSWERS,
    answer,
    answers,
    names,
    path_of,
    read,
    run_of,
    text_of,
    write,
    write_answers,
)


async def _record(wanted: list[str], folder: Path) -> None:
    if wanted:
        runs = {fault: await check(fault, folder) for fault in wanted}
    else:
        runs = dict(await check_all(folder))
    for fault, run in runs.items():
        if isinstance(run, BaseException):
            raise run
        write(fault, text_of(run, folder))
    sys.stdout.write(f"{len(runs)} recorded\n")


def _delete_what_is_gone() -> None:
    for fault in set(names()) - set(FAULTS):
        path_of(fault).unlink()
        sys.stdout.write(f"{fault} deleted\n")


def _accept() -> None:
    before = answers() if ANSWERS.exists() else {}
    after = {fault: answer(run_of(read(fault))) for fault in names()}
    write_answers(after)
    for fault in sorted({*before, *after}):
        if before.get(fault) != after.get(fault):
            sys.stdout.write(f"{fault} is answered otherwise\n")


def main(words: list[str]) -> int:
    """Do what `words` ask for; return the exit code."""
    if words == ["--answers"]:
        _accept()
        return 0
    wanted = (
        [fault for fault in FAULTS if fault not in names()] if words == ["--missing"] else words
    )
    if unknown := [word for word in wanted if word not in FAULTS]:
        sys.stderr.write(f"There is no fault {', '.join(unknown)}. Known: stagecheck faults\n")
        return 2
    if words == ["--missing"] and not wanted:
        sys.stdout.write("nothing is missing\n")
        return 0
    _delete_what_is_gone()
    with TemporaryDirectory(prefix="corpus-") as folder:
        asyncio.run(_record(wanted, Path(folder).resolve()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
