"""What a server says of when to come back; it is no cause, and tells what to do."""

from bot.diagnosis.conditions import Has
from bot.diagnosis.rule import Sign


def asks_to_wait(area: str) -> Sign:
    """Return the sign that the answer at `area` names a time to wait (Retry-After)."""
    return Sign(
        when=Has(f"{area}.retry_after_s"),
        says=f"It asks to be left alone for {{{area}.retry_after_s}} s (Retry-After).",
    )
