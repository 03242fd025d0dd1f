"""Where a secret stands that has no shape of its own: in an address, a command, a sentence."""

from collections.abc import Sequence

from bot.masking.shape import HIDDEN, Shape, shape

_STORES = "|".join(
    f"(?<={name})"
    for name in (
        *(
            "postgres",
            "postgresql",
            "asyncpg",
            "psycopg",
            "psycopg2",
            "mysql",
            "mariadb",
            "pymysql",
        ),
        *("redis", "rediss", "mongodb", r"mongodb\+srv", "amqp", "amqps", "clickhouse"),
    )
)
# The number of a port is followed by one of these.
_NO_PORT = r"(?!\d{1,5}[/?#,])"

IN_ADDRESSES: Sequence[Shape] = (
    shape(
        HIDDEN,
        "://",
        rf"://[^/\s:@\[\]]{{0,100}}:{_NO_PORT}(?P<secret>[^/\s\[\]\"'<>]{{1,200}})@",
        at_hint=True,
    ),
    # Nobody escapes the slash in the password of a database.
    shape(
        HIDDEN,
        "://",
        rf"(?i)(?:{_STORES})://[^/\s:@\[\]]{{0,100}}:{_NO_PORT}"
        r"(?P<secret>[^\s\[\]\"'<>]{1,200})@",
        at_hint=True,
    ),
    # A token in the place of a user.
    shape(
        HIDDEN,
        "://",
        r"://(?P<secret>[^/\s:@\[\]\"'<>?#,;]{16,200})@",
        at_hint=True,
        no_words=True,
    ),
    shape(
        HIDDEN,
        "key= code= auth= sid=",
        r"(?<=[?&])[a-zA-Z]{3,4}=(?P<secret>[^\s\"'&,;\[\]<>{}()#]{16,200})",
        at_hint=True,
        no_words=True,
    ),
)

_KEY = "|".join(
    f"(?<={kind}-)" for kind in ("-", "api", "bypass", "simulation", "access", "private", "auth")
)

IN_COMMANDS: Sequence[Shape] = (
    # curl -u name:password. Two numbers are who runs a container.
    shape(
        HIDDEN,
        "-u --user --proxy-user",
        r"(?i)(?<![\w-])(?:-u|--user|--proxy-user)[ =][\"']?[^\s:\"']{0,64}:(?!\d{1,6}(?!\w))"
        r"(?P<secret>[^\s\"'\[\]]{4,200})",
        at_hint=True,
        only_random=True,
    ),
    shape(
        HIDDEN,
        "--",
        r"(?i)--(?=[a-z])[a-z0-9-]{0,30}?(?:passw(?:or)?d|passphrase|pwd)[ =][\"']?"
        r"(?P<secret>(?!-)[^\s\"'\[\]]{6,200})",
        at_hint=True,
        only_random=True,
    ),
    shape(
        HIDDEN,
        "--",
        rf"(?i)--(?=[a-z])[a-z0-9-]{{0,30}}?(?:token|secret|(?:{_KEY})key)[ =][\"']?"
        r"(?P<secret>(?![-/.])[^\s\"'\[\]]{8,200})",
        at_hint=True,
        no_words=True,
    ),
    # The lines of a .netrc.
    shape(
        HIDDEN,
        "login",
        r"(?i)login\s{1,4}\S{1,64}\s{1,4}password\s{1,4}(?P<secret>[^\s\[\]]{4,200})",
        at_hint=True,
        only_random=True,
    ),
    # What Docker keeps for a registry: a name and a password in base64.
    shape(
        HIDDEN,
        '"auth"',
        r"(?i)\"auth\"[ \t]{0,4}:\s{0,4}\"(?P<secret>[a-z0-9+/]{12,400}={0,2})\"",
        at_hint=True,
        only_random=True,
    ),
)

_WHAT = r"(?:key|token|secret|passw(?:or)?d)"
_RANDOM = r"[\"'`(]{0,2}(?P<secret>(?![/.-])[a-z0-9_+/=.~-]{16,200})(?![\w:@])"

IN_SENTENCES: Sequence[Shape] = (
    # Invalid bypass key X; unknown token "X".
    shape(
        HIDDEN,
        "invalid wrong unknown expired incorrect unexpected rejected refused",
        r"(?i)(?:invalid|wrong|unknown|expired|incorrect|unexpected|rejected|refused)"
        rf"[ \t]{{1,2}}(?:[a-z0-9_-]{{1,20}}[ \t]{{1,2}}){{0,3}}?{_WHAT}"
        rf"[ \t]{{1,2}}{_RANDOM}",
        at_hint=True,
        no_words=True,
    ),
    # Expected key Y, got X.
    shape(
        HIDDEN,
        "key token secret passw",
        rf"(?i){_WHAT}[^\n]{{0,40}}?[ ,](?:got|received|given|provided)[ :]{{1,2}}{_RANDOM}",
        at_hint=True,
        no_words=True,
    ),
)
