"""A simulator in its own process, so that its work is not counted as ours."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.config import load
from bot.target import Target


@contextmanager
def simulated_target(*faults: str) -> Iterator[tuple[Target, Path]]:
    """Yield the target of a running simulator and the configuration file that names it."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "stagecheck.yaml"
        command = [sys.executable, "-m", "bot", "simulate", "--write-config", str(config)]
        for fault in faults:
            command += ["--fault", fault]
        simulator = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert simulator.stdout is not None
            for line in simulator.stdout:
                if line.startswith("Stop with"):
                    break
            yield load(config, env={}).target("staging"), config
        finally:
            simulator.terminate()
            simulator.wait()
