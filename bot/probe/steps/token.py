"""Token: the one from the exchange, or one minted here when the exchange gave none."""

from bot.model import Status
from bot.probe.claims import examined, header_of, is_signed_with, shown
from bot.probe.minting import mint, secret_problem
from bot.probe.session import Session, Token
from bot.probe.step import Verdict, passed, step

TOKEN_KEYS = (
    *("source", "subject", "fingerprint", "length", "claims", "ttl_s"),
    *("algorithm", "examined", "signed_with_ours"),
    *("secret_source", "secret_problem", "secret_present", "secret_fingerprint", "secret_length"),
)


@step("token", title="Access token", observes=TOKEN_KEYS)
async def token(session: Session) -> Verdict:
    """Take the exchanged token, or mint the fallback, whose use is never plain green."""
    if session.issued is not None:
        _use(session, session.issued)
        # Not used now; when it is needed, a later run can tell whether it is still the same.
        _record_held(session)
        return passed(f"the exchanged one, for {session.issued.subject or 'an unnamed user'}")
    problem = _record_secret(session)
    if not problem:
        try:
            minted = mint(session.target)
        except ValueError as error:
            problem = str(error)
        else:
            session.learn(minted.value)
            _use(session, minted)
            detail = f"minted here for {minted.subject}, because the exchange gave none"
            return Verdict(status=Status.DEGRADED, detail=detail)
    session.observe("source", "none")
    held = session.target.jwt_secret
    status = Status.ERRORED if held is not None and held.unreadable else Status.FAILED
    return Verdict(status=status, detail=f"no token: {problem}", ends="there is no token")


def _use(session: Session, token: Token) -> None:
    session.token = token
    claims = token.claims
    session.observe("source", token.source)
    session.observe_known(subject=token.subject)
    session.observe("fingerprint", session.masker.fingerprint(token.value))
    session.observe("length", len(token.value))
    if claims:
        session.observe("claims", shown(claims, session.target, session.masker.fingerprint))
        _examine(session, token)
    issued, expires = claims.get("iat"), claims.get("exp")
    if isinstance(issued, int | float) and isinstance(expires, int | float):
        session.observe("ttl_s", expires - issued)


def _examine(session: Session, token: Token) -> None:
    """Record the token claim by claim, beside what the contract and the server's clock want."""
    header, target = header_of(token.value), session.target
    algorithm = str(header.get("alg", ""))[:20]
    session.observe_known(algorithm=algorithm)
    # The clock of whoever judges the token: the socket is the backend's.
    skew_s = session.fact("health.backend.skew_s")
    skew_s = session.fact("health.skew_s") if skew_s is None else skew_s
    rows = examined(
        token.claims,
        header,
        target,
        server_now=session.now().timestamp() + (skew_s or 0.0),
        is_minted=token.source == "minted",
        fingerprint=session.masker.fingerprint,
    )
    session.observe("examined", rows)
    secret = target.jwt_secret.value if target.jwt_secret else None
    session.observe_known(signed_with_ours=is_signed_with(token.value, secret or "", algorithm))


def _record_secret(session: Session) -> str:
    """Record what can be said of the signing secret; return why it cannot be used, or empty."""
    secret = session.target.jwt_secret
    problem = secret_problem(session.target)
    session.observe("secret_present", not problem)
    if secret is not None:
        session.observe("secret_source", secret.source)
    _record_held(session)
    if problem:
        session.observe("secret_problem", problem)
    return problem


def _record_held(session: Session) -> None:
    secret = session.target.jwt_secret
    if secret is not None and secret.value:
        session.observe("secret_fingerprint", session.masker.fingerprint(secret.value))
        session.observe("secret_length", len(secret.value))
