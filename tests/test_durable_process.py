"""What the durable engine does to the process it lives in: no sockets, no weight, names resolve."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

from bot.durable.loop import Loop

ROOT = Path(__file__).parent.parent

WATCHED = """
import asyncio, sys
seen = []
def watch(event, args):
    if event in ("socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        seen.append((event, args[1:]))
sys.addaudithook(watch)

from bot.durable import DurableEngine, run
from bot.model import Caller, CheckRequest, Trigger

async def workflow(request):
    await engine.activity("nothing", asyncio.sleep, 0)

async def give_up(request, reason):
    pass

async def main():
    global engine
    engine = DurableEngine(sys.argv[1], give_up_after_s=60.0)
    engine.register({"check": workflow}, give_up=give_up)
    await engine.launch()
    request = CheckRequest(
        run_id="r1", target="t", check="c", trigger=Trigger.SHELL, caller=Caller(id="u")
    )
    await engine.start("check", request, id="a", slot="t/c")
    await engine.idle()
    await engine.close(deadline_s=5.0)

run(main())
print(seen)
"""


def test_the_engine_opens_no_socket_and_calls_nobody(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, f"sqlite:///{tmp_path}/stagecheck.db"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_names_resolve_while_every_thread_of_the_loop_is_held() -> None:
    release = threading.Event()

    async def main() -> int:
        loop = asyncio.get_running_loop()
        # As many as a default executor can have on any machine; DBOS's holds 64.
        held = [loop.run_in_executor(None, release.wait) for _ in range(64)]
        try:
            async with asyncio.timeout(20):
                return len(await loop.getaddrinfo("127.0.0.1", 80))
        finally:
            release.set()
            await asyncio.gather(*held)

    with asyncio.Runner(loop_factory=Loop) as runner:
        assert runner.run(main()) >= 1
