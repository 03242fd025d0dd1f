"""Workers in processes of their own, which are in a hurry."""

import yaml
from crashing import Bot


def in_a_hurry(bot: Bot) -> None:
    """Let the bot write to the small Slack as fast as it likes."""
    document = yaml.safe_load(bot.config.read_text())
    document["slack"]["rates"] = 1000
    bot.config.write_text(yaml.safe_dump(document))


def begun(bot: Bot) -> int:
    return bot.log.count('"event": "run begins"')
