"""`python -m bot` is the `stagecheck` command."""

from bot.cli import main

main()
