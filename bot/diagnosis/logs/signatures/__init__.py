"""What failures look like in text: one row per signature, nothing that knows a project or host."""

from bot.diagnosis.logs.signatures.access import ACCESS
from bot.diagnosis.logs.signatures.backing import BACKING
from bot.diagnosis.logs.signatures.between import BETWEEN
from bot.diagnosis.logs.signatures.client import CLIENT
from bot.diagnosis.logs.signatures.identities import IDENTITIES
from bot.diagnosis.logs.signatures.languages import LANGUAGES
from bot.diagnosis.logs.signatures.libraries import LIBRARIES
from bot.diagnosis.logs.signatures.platforms import PLATFORMS
from bot.diagnosis.logs.signatures.signature import Signature
from bot.diagnosis.logs.signatures.socket import SOCKET
from bot.diagnosis.logs.signatures.startup import STARTUP
from bot.diagnosis.logs.signatures.stream import STREAM

__all__ = ["SIGNATURES", "Signature"]

SIGNATURES: tuple[Signature, ...] = (
    *STARTUP,
    *BACKING,
    *ACCESS,
    *SOCKET,
    *STREAM,
    *CLIENT,
    *BETWEEN,
    *PLATFORMS,
    *IDENTITIES,
    *LANGUAGES,
    *LIBRARIES,
)
