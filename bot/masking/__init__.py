"""Secrets: how they are held, shown (only as fingerprints) and kept out of every text."""

from bot.masking.masker import Masker
from bot.masking.secret import Secret, fingerprint

__all__ = ["Masker", "Secret", "fingerprint"]
