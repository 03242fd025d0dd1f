"""Sections of docs/performance.md that a benchmark writes itself, so that no figure is copied."""

from pathlib import Path

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"


def write_section(name: str, text: str) -> None:
    """Put `text` between the marks of the section `name`; the marks must be there."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    before, found, rest = DOCUMENT.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{DOCUMENT.name} has no marks {begin.strip()} and {end}.")
    DOCUMENT.write_text(f"{before}{begin}\n{text.strip()}\n\n{end}{after}")
