"""What every label means, where to look, and what to do: one entry each."""

from collections.abc import Mapping

from bot.diagnosis.catalogue.access import ACCESS
from bot.diagnosis.catalogue.entry import Entry
from bot.diagnosis.catalogue.pipeline import PIPELINE
from bot.diagnosis.catalogue.reach import REACH
from bot.labels import Label

__all__ = ["CATALOGUE", "Entry"]

CATALOGUE: Mapping[Label, Entry] = {**REACH, **ACCESS, **PIPELINE}
