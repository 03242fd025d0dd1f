"""References to values kept elsewhere, the only way a secret enters the configuration.

* ``${env:NAME}``: an environment variable;
* ``${file:PATH}``: a whole file;
* ``${dotenv:PATH#NAME}``: one variable of a ``.env`` file;
* ``${gsm:PROJECT/SECRET}`` or ``${gsm:PROJECT/SECRET/VERSION}``: Google Secret Manager.

A path is relative to the configuration's folder. An address may hold them too. A reference can lead
nowhere in two ways. *Unset*: the variable is not set or blank, the file does not exist or is
blank; nobody has put the value there. *Unreadable*: something is there and cannot be used, such as
a file without permission, a folder, a link that leads nowhere, or bytes that are no text. That is
a fault of this machine, and says nothing about the target.
"""

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from bot.config import dotenv, gsm
from bot.masking import Secret, without_strays

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
REFERENCE = (
    rf"\$\{{(?:env:{_NAME}|file:[^${{}}]+|dotenv:[^${{}}#]+#{_NAME}"
    r"|gsm:[a-z0-9][a-z0-9.:-]*/[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)?)\}"
)
MAX_FILE_BYTES = 65_536

ADVICE = "Put it in an environment variable and write ${env:NAME}, or in a file and ${file:PATH}."
# Of a secret in Google Secret Manager of which no version is named.
_NEWEST = "latest"

_WHOLE = re.compile(REFERENCE)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a reference leads to: a value exactly as its source holds it, or the reason for none."""

    source: str
    value: str | None
    problem: str = ""
    unreadable: bool = False
    """Whether something is there that cannot be used; False for what was never put there."""
    notes: tuple[str, ...] = ()
    """What is to be known of how the value stands there; never any part of it."""


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
    """Look up one reference; a file's path is relative to `folder`. Blank counts as unset.

    A problem does not repeat a name that looks like a secret which was written in its place.
    """
    source = reference[2:-1]
    found = _resolved(source, env=env, folder=folder)
    return replace(found, problem=without_strays(found.problem, among=source))


def _resolved(source: str, *, env: Mapping[str, str], folder: Path) -> Resolved:
    kind, _, name = source.partition(":")
    match kind:
        case "env":
            return _variable(source, name, env)
        case "dotenv":
            path, _, variable = name.partition("#")
            return _line(source, folder / path, variable)
        case "gsm":
            return _remote(source, name, env)
        case _:
            return _file(source, folder / name)


def secret(name: str, reference: str, *, env: Mapping[str, str], folder: Path) -> Secret:
    """Return the secret `name` that `reference` leads to, with a `problem` if it leads nowhere."""
    found = resolve(reference, env=env, folder=folder)
    return Secret(
        name=name,
        source=found.source,
        value=found.value,
        problem=found.problem,
        unreadable=found.unreadable,
        notes=found.notes,
    )


def _variable(source: str, name: str, env: Mapping[str, str]) -> Resolved:
    if name not in env:
        return Resolved(source, None, f"environment variable {name} is not set")
    if not env[name].strip():
        return Resolved(source, None, f"environment variable {name} is blank")
    return Resolved(source, env[name])


def _line(source: str, path: Path, variable: str) -> Resolved:
    held = _file(source, path)
    if held.value is None:
        return held
    value, notes = dotenv.lookup(held.value, variable)
    if value is None:
        return Resolved(source, None, f"file {path} has no {variable}")
    if not value.strip():
        return Resolved(source, None, f"{variable} in file {path} is blank", notes=notes)
    return Resolved(source, value, notes=notes)


def _remote(source: str, name: str, env: Mapping[str, str]) -> Resolved:
    project, secret_name, version = (*name.split("/"), _NEWEST)[:3]
    got = gsm.access(project, secret_name, version, env=env)
    if got.value is None:
        return Resolved(source, None, got.problem, unreadable=got.unreadable)
    try:
        text = got.value.decode()
    except UnicodeDecodeError:
        return Resolved(source, None, f"{secret_name} is not UTF-8 text", unreadable=True)
    if not text.strip():
        return Resolved(source, None, f"{secret_name} in Secret Manager is blank")
    return Resolved(source, text)


def _file(source: str, path: Path) -> Resolved:
    def unreadable(problem: str) -> Resolved:
        return Resolved(source, None, problem, unreadable=True)

    try:
        facts = path.stat()
        # Opening a pipe would wait for a writer, perhaps for ever.
        if not stat.S_ISREG(facts.st_mode):
            return unreadable(f"{path} is {_kind(facts.st_mode)}, not a regular file")
        if facts.st_size > MAX_FILE_BYTES:
            return unreadable(f"file {path} is larger than {MAX_FILE_BYTES} bytes")
        # Bytes, not text mode: a stray carriage return is evidence too.
        text = path.read_bytes().decode()
    except FileNotFoundError:
        if path.is_symlink():
            return unreadable(f"{path} is a link to {path.readlink()}, where nothing is")
        return Resolved(source, None, f"file {path} does not exist")
    except UnicodeDecodeError:
        return unreadable(f"file {path} is not UTF-8 text")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name is not a path"
        return unreadable(f"file {path} cannot be read: {reason}")
    if not text.strip():
        return Resolved(source, None, f"file {path} is blank")
    return Resolved(source, text)


def _kind(mode: int) -> str:
    return "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
