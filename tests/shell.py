"""stagecheck as it is typed in a shell."""

import asyncio
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


async def stagecheck(*words: str, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Run `stagecheck` with `words`; return its exit code, stdout and stderr."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *words,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()
