"""Secrets: how they are held, shown (only as fingerprints) and kept out of every text."""

from bot.masking.masker import Masker
from bot.masking.secret import Secret, fingerprint
from bot.masking.shape import HIDDEN
from bot.masking.shapes import is_credible, names_a_secret
from bot.masking.strays import strays, without_strays

__all__ = [
    "HIDDEN",
    "Masker",
    "Secret",
    "fingerprint",
    "is_credible",
    "names_a_secret",
    "strays",
    "without_strays",
]
