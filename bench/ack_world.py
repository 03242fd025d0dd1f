"""What `stagecheck serve` talks to while its acks are timed: in a process of its own.

    python -m bench.ack_world FOLDER HELD FRESH

Writes FOLDER/stagecheck.yaml, with HELD targets that stay silent, so that a check of one is under
way for minutes, and FRESH targets that are well. Prints the signing secret and the channels as
JSON, and how many checks are being held, whenever that changes.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import yaml

from bot.sandbox import MiniSlack, Staging

CHANNELS = tuple(f"channel-{number}" for number in range(60))
PATIENT = {"step_s": 60, "welcome_s": 5, "gap_s": 290, "total_s": 300}


async def stand(folder: Path, held: int, fresh: int) -> None:
    """Stand until the process is stopped."""
    async with (
        Staging() as well,
        Staging(["silence"]) as silent,
        MiniSlack(channels=CHANNELS) as slack,
    ):
        write(folder, slack, well, silent, held, fresh)
        channels = [slack.workspace.channel(name).id for name in CHANNELS]
        print(json.dumps({"secret": slack.signing_secret, "channels": channels}), flush=True)
        shown = -1
        while True:
            open_ = sum(each.method == "MESSAGE" for each in silent.received)
            if open_ != shown:
                print(json.dumps({"held": open_}), flush=True)
                shown = open_
            await asyncio.sleep(0.2)


def write(
    folder: Path, slack: MiniSlack, well: Staging, silent: Staging, held: int, fresh: int
) -> None:
    """Write the configuration."""
    config = folder / "stagecheck.yaml"
    well.write_config(config)
    document: dict[str, Any] = yaml.safe_load(config.read_text())
    target = document["targets"]["staging"] | {"experiments": {"enabled": False}}
    addresses = {
        "api_url": silent.api_url,
        "auth_url": silent.auth_url,
        "ws_url": silent.ws_url,
        "frontend_url": silent.frontend_url,
    }
    document["targets"] = {
        **{
            # Each as a user of its own: the simulated server lets in only so many of one.
            f"held-{number}": target
            | addresses
            | {
                "timeouts": PATIENT,
                "user": {"id": f"u-{number}", "email": f"u{number}@example.test"},
            }
            for number in range(held)
        },
        **{f"fresh-{number}": target for number in range(fresh)},
    }
    for name in ("bot_token", "signing_secret"):
        (folder / name).write_text(getattr(slack, name))
        (folder / name).chmod(0o600)
    document["slack"] = {
        "bot_token": f"${{file:{folder / 'bot_token'}}}",
        "signing_secret": f"${{file:{folder / 'signing_secret'}}}",
        "api_url": slack.api_url,
    }
    # Whoever knows the one may know the other here.
    document["server"] = {"port": 0, "token": document["slack"]["signing_secret"]}
    config.write_text(yaml.safe_dump(document))


if __name__ == "__main__":
    asyncio.run(stand(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
