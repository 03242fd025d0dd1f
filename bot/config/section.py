"""What every part of a configuration file is made of."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the file: nothing unknown in it, nothing changed after it was read.

    What holds or may hold a secret is excluded from dumps, as it is from every repr.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )
