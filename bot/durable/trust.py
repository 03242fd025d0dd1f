"""What may stand in the engine's rows: JSON, never pickled objects, which could run code."""

from typing import Any, NoReturn

from bot.durable.private import DefaultSerializer, replace_pickle

_REFUSED = "A row of the engine holds a pickled object, which stagecheck never writes or reads."


class NoPickle(DefaultSerializer):
    """Stands where DBOS keeps its pickle serializer.

    A row names its serialization itself, so whoever can write to the database could have pickle
    read from it, although JSON is configured.
    """

    def serialize(self, data: Any) -> str:
        if isinstance(data, BaseException):
            # Asked for when a row was refused: it ends as an error, and holds nothing any more.
            return ""
        raise TypeError(_REFUSED)

    def deserialize(self, serialized_data: str) -> NoReturn:
        raise TypeError(_REFUSED)


def refuse_pickle() -> None:
    """Make DBOS refuse pickle for the rest of the process's life."""
    replace_pickle(NoPickle())
