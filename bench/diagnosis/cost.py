"""What one diagnosis costs: CPU and memory, measured apart so that neither disturbs the other."""

import statistics
import time
import tracemalloc
from collections.abc import Sequence

from bot.diagnosis import diagnose
from bot.model import Run

_FOR_MEMORY = 60


def cpu_ms(runs: Sequence[Run]) -> tuple[float, float]:
    """Return the median and the worst CPU milliseconds of a diagnosis, each the best of three."""
    each = []
    for run in runs:
        taken = []
        for _ in range(3):
            start = time.process_time()
            diagnose(run)
            taken.append(1000 * (time.process_time() - start))
        each.append(min(taken))
    return statistics.median(each), max(each)


def peak_kb(runs: Sequence[Run]) -> int:
    """Return the most kilobytes that a diagnosis held at once, over a share of `runs`."""
    peak = 0
    tracemalloc.start()
    for run in runs[:: max(1, len(runs) // _FOR_MEMORY)]:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        diagnose(run)
        peak = max(peak, tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    return peak // 1024
