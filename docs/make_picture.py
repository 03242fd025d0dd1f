"""Draw docs/demo.svg: what `stagecheck demo` prints for the founding failure.

uv run python docs/make_picture.py
"""

import io
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

COMMAND = ("demo", "--fault", "seed", "--say", "/stagecheck staging", "--exit")
SHOWN_LINES = 48


def main() -> None:
    """Run the demo and draw the top of what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *COMMAND], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()[:SHOWN_LINES]
    console = Console(record=True, width=max(map(len, lines)) + 2, file=io.StringIO())
    for line in lines:
        console.print(Text(line), highlight=False)
    drawn = console.export_svg(title="#staging")
    # The picture asks no other server for a font.
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    Path(__file__).with_name("demo.svg").write_text(drawn)


if __name__ == "__main__":
    main()
