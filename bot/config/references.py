"""References to values kept elsewhere: ``${env:NAME}`` and ``${file:PATH}``.

The only way a secret enters the configuration; an address may hold them too.
"""

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bot.masking import Secret

REFERENCE = r"\$\{(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[^${}]+)\}"
MAX_FILE_BYTES = 65_536

ADVICE = "Put it in an environment variable and write ${env:NAME}, or in a file and ${file:PATH}."

_WHOLE = re.compile(REFERENCE)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a reference leads to: a value exactly as its source holds it, or the reason for none."""

    source: str
    value: str | None
    problem: str = ""


def is_reference(text: str) -> bool:
    """Tell whether `text` is one reference and nothing else."""
    return _WHOLE.fullmatch(text) is not None


def fill(
    text: str, *, env: Mapping[str, str], folder: Path, quoted: bool = False
) -> tuple[str, list[Resolved]]:
    """Return `text` with every reference in it replaced, and what each of them led to.

    White space around a value is dropped; `quoted` percent-encodes what stands inside an address.
    """
    found = [resolve(match[0], env=env, folder=folder) for match in _WHOLE.finditer(text)]
    values = iter([(each.value or "").strip() for each in found])
    quoted = quoted and not is_reference(text)
    return _WHOLE.sub(
        lambda _match: quote(next(values), safe="") if quoted else next(values), text
    ), found


def resolve(reference: str, *, env: Mapping[str, str], folder: Path) -> Resolved:
    """Look up one reference; a file's path is relative to `folder`. Blank counts as unset."""
    kind, _, name = reference[2:-1].partition(":")
    if kind == "env":
        value, problem = _variable(name, env)
    else:
        value, problem = _file(folder / name)
    return Resolved(f"{kind}:{name}", value, problem)


def secret(name: str, reference: str, *, env: Mapping[str, str], folder: Path) -> Secret:
    """Return the secret `name` that `reference` leads to, with a `problem` if it leads nowhere."""
    found = resolve(reference, env=env, folder=folder)
    return Secret(name=name, source=found.source, value=found.value, problem=found.problem)


def _variable(name: str, env: Mapping[str, str]) -> tuple[str | None, str]:
    if name not in env:
        return None, f"environment variable {name} is not set"
    if not env[name].strip():
        return None, f"environment variable {name} is blank"
    return env[name], ""


def _file(path: Path) -> tuple[str | None, str]:
    try:
        facts = path.stat()
        # Opening a pipe would wait for a writer, perhaps for ever.
        if not stat.S_ISREG(facts.st_mode):
            return None, f"{path} is not a regular file"
        if facts.st_size > MAX_FILE_BYTES:
            return None, f"file {path} is larger than {MAX_FILE_BYTES} bytes"
        # Bytes, not text mode: a stray carriage return is evidence too.
        text = path.read_bytes().decode()
    except FileNotFoundError:
        return None, f"file {path} does not exist"
    except UnicodeDecodeError:
        return None, f"file {path} is not UTF-8 text"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name is not a path"
        return None, f"file {path} cannot be read: {reason}"
    return (text, "") if text.strip() else (None, f"file {path} is blank")
