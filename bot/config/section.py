"""What every part of a configuration file is made of."""

from typing import Self

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the file: nothing unknown in it, nothing changed after it was read.

    What holds or may hold a secret is excluded from dumps, as it is from every repr.
    """

    # Deferred: a part is built as it stands in the whole, once, and only where a file is read.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    @classmethod
    def unset(cls) -> Self:
        """Return it as it is where the file says nothing of it.

        That is not validated: every start would build each part by itself for it.
        """
        return cls.model_construct()
