"""The files a configuration lies in and points to."""

from pathlib import Path

from bot.config.document import MAX_BYTES, Node
from bot.config.problems import Problems
from bot.errors import ConfigError


def read(path: Path) -> str:
    """Return the text of a configuration file; ConfigError says why there is none."""
    try:
        if not path.exists():
            raise ConfigError(
                f"There is no configuration at {path}.",
                hint="Name one with --config or STAGECHECK_CONFIG, or write one with"
                " stagecheck simulate --write-config.",
            )
        if not path.is_file():
            raise ConfigError(f"{path} is not a file.", hint="Name the YAML file itself.")
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{path} is larger than {MAX_BYTES // 1024} KiB.")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"{path}:{line}: This is not UTF-8 text.", hint="Save the file as UTF-8."
        ) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name is not a path"
        raise ConfigError(f"{path} cannot be read: {reason}.") from error


def database_url(node: Node, folder: Path, problems: Problems) -> Node:
    """Return the database's address with the path of a SQLite file made absolute."""
    if not isinstance(node.value, str):
        return node
    scheme, separator, rest = node.value.partition("://")
    dialect = scheme.partition("+")[0]
    if separator and dialect == "postgresql":
        return node
    if (
        separator
        and dialect == "sqlite"
        and rest.startswith("/")
        and rest not in ("/", "/:memory:")
    ):
        return node.with_value(f"{scheme}:///{folder / rest[1:]}")
    problems.add(node.at, "database must be sqlite:///FILE or postgresql://…, and is neither.")
    return node


def ca_file(where: str, target: Node, folder: Path, problems: Problems) -> Node:
    """Return `target` with the path of its `ca_file`, if it names one, made absolute."""
    node = target.child("ca_file")
    if node is None or not isinstance(node.value, str) or not node.value:
        return target
    path = folder / node.value
    # One that is there and cannot be read is no mistake in this file: the run says so.
    try:
        found = path.is_file()
    except PermissionError:
        found = True
    except (OSError, ValueError):  # a path too long, or with a NUL in it
        found = False
    if not found:
        problems.add(node.at, f"{where}.ca_file: there is no file {path}.")
    return target.with_value({**target.items, "ca_file": node.with_value(str(path))})
