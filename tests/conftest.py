"""Fixtures that several files share."""

pytest_plugins = ("tests.postgres",)
