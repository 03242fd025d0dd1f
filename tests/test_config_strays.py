"""A secret that was put where a name or a number belongs is not repeated by whoever refuses it."""

from pathlib import Path

import pytest

from bot.masking import strays
from bot.report import RENDERERS
from tests.configurations import refusal_under, staging
from tests.verifying import desk, facts_of, text_of

STRAY = "Zq8vK3nT7wXp2LmR9sYd4B"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (f"{STRAY}: x", "targets.staging.[redacted] is not a setting"),
        (f"owners: {{{STRAY}: '@x'}}", "targets.staging.owners.[redacted] is not a label"),
        (f"timeouts: {{step_s: {STRAY}}}", 'step_s must be a number, not "[redacted]"'),
        (f"profile: {STRAY}", "there is no profile [redacted]"),
        (
            f"frontend_url: https://${{env:{STRAY}}}.example.test",
            "environment variable [redacted] is",
        ),
    ],
)
def test_what_is_refused_does_not_repeat_it(tmp_path: Path, more: str, said: str) -> None:
    refusal = refusal_under(tmp_path, more)
    assert said in refusal
    assert STRAY not in refusal


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        (f"${{env:{STRAY}}}", "environment variable [redacted] is not set"),
        (f"${{file:{STRAY}}}", "/[redacted] does not exist"),
        (f"${{dotenv:.env#{STRAY}}}", "has no [redacted]"),
    ],
)
def test_why_a_reference_leads_nowhere_does_not_repeat_it(
    tmp_path: Path, reference: str, problem: str
) -> None:
    (tmp_path / ".env").write_text("OTHER=1\n")
    target = staging(tmp_path, f"bypass_key: '{reference}'", {})
    assert target.bypass_key is not None
    assert problem in target.bypass_key.problem
    assert STRAY not in target.bypass_key.problem
    assert STRAY in {secret.value for secret in target.secrets}


async def test_a_report_does_not_repeat_it_as_the_name_of_a_place(tmp_path: Path) -> None:
    async with desk(tmp_path, env={}, rewritten=f'"${{env:{STRAY}}}"') as at:
        report = await at.ask()
    assert facts_of(report)["exchange.key_present"] is False
    assert "env:[redacted bypass_key" in text_of(report)
    for render in RENDERERS.values():
        assert STRAY not in str(render(report))
    assert STRAY.encode() not in (tmp_path / "stagecheck.db").read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        *("E2E_OAUTH_SIMULATION_KEY", "STAGING_E2E_KEY_V2", "SUPABASE_JWT_SECRET_2024"),
        *("preview-8f3a9c2d1e7b", "my-project-123456", "auth_service_unavailable"),
        *("/run/8f3a9c2d1e7b8f3a9c2d1e7b/key", "https://staging-4f9a8c2d1e-uc.a.run.app"),
    ],
)
def test_a_name_is_no_secret(name: str) -> None:
    assert strays(name) == ()
