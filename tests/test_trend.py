"""What many runs come to: counted honestly, said in words, and within what Slack's charts hold."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import SAMPLES

from bot.charts import HEIGHT_PX, WIDTH_PX, render_png
from bot.labels import Label
from bot.model import PastRun, Status
from bot.probe import CHECKS
from bot.report import (
    PERIODS,
    Chart,
    ChartKind,
    Message,
    Series,
    begin_of,
    build_trend,
    chart_block,
)
from bot.report.trend import STEP_TITLES
from bot.sandbox.blockkit import problems
from bot.slack.fit import fit
from bot.store import Store
from bot.target import DEFAULT_CHECK

NOW = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
STEPS = {"health": 0.2, "events": 2.0}


def run(
    days_ago: float,
    status: Status = Status.PASSED,
    *,
    cause: Label | None = None,
    duration_s: float = 3.0,
) -> PastRun:
    return PastRun(
        id=f"r{days_ago}",
        started_at=NOW - timedelta(days=days_ago),
        status=status,
        duration_s=duration_s,
        cause=cause,
        steps=STEPS if status.works else {"health": 0.2},
    )


def trend(*runs: PastRun, period: str = "7d"):
    ordered = sorted(runs, key=lambda one: one.started_at)
    return build_trend(ordered, target="staging", check="pipeline", period=period, now=NOW)


def values(chart: Chart | None) -> dict[str, tuple[float, ...]]:
    assert chart is not None
    return {series.name: series.values for series in chart.series}


def test_availability_counts_what_worked_per_day() -> None:
    found = trend(run(0), run(0.1, Status.FAILED), run(1), run(1.1, Status.DEGRADED))
    assert found.availability is not None
    assert found.availability.categories == ("Nov 21", "Nov 22")
    assert values(found.availability) == {"worked": (100.0, 50.0)}
    assert found.takeaways[0] == (
        "staging worked in 75.0 % of 4 runs (1 of them only degraded); worst on Nov 22: 50.0 %."
    )


def test_what_ended_on_our_own_side_is_not_held_against_the_target() -> None:
    ours = run(0.1, Status.ERRORED, cause=Label.RUNNER_ENVIRONMENT)
    found = trend(run(0), ours, run(1))
    assert values(found.availability) == {"worked": (100.0, 100.0)}
    assert "Not held against staging: 1 run that ended on our own side." in found.takeaways


def test_only_our_own_failures_say_nothing_about_the_target() -> None:
    found = trend(run(0, Status.ERRORED, cause=Label.RUNNER_ENVIRONMENT))
    assert found.availability is None
    assert found.durations is None
    assert not any("worked" in line for line in found.takeaways)


def test_almost_all_is_never_rounded_to_all() -> None:
    runs = [run(0.0001 * number) for number in range(3_000)]
    assert "99.9 %" in trend(*runs, run(0.5, Status.FAILED)).takeaways[0]
    assert (
        "0.1 %"
        in trend(
            run(0), *(run(0.0001 * number, Status.FAILED) for number in range(1, 3_000))
        ).takeaways[0]
    )
    assert "100 %" in trend(run(0)).takeaways[0]


def test_causes_are_counted_per_day_the_rarest_together() -> None:
    labels = [Label.BYPASS_KEY_MISMATCH] * 4 + [Label.DNS_FAILURE] * 3 + [Label.TLS_FAILURE] * 2
    labels += [Label.BACKEND_5XX, Label.JWT_EXPIRED]
    failed = [run(0.01 * n, Status.FAILED, cause=label) for n, label in enumerate(labels)]
    found = trend(run(1), *failed)
    assert found.causes is not None
    assert found.causes.categories == ("Nov 21", "Nov 22")
    assert list(values(found.causes).values()) == [(0, 4), (0, 3), (0, 2), (0, 2)]
    assert list(values(found.causes))[-1] == "other causes"
    assert found.causes.summary == (
        "Most often: Bypass key differs, 4 of 11 runs that did not work, on Nov 22."
    )


def test_a_cause_that_is_not_known_is_called_so() -> None:
    failed = [run(n, Status.FAILED, cause=Label.INSUFFICIENT_EVIDENCE) for n in range(2)]
    assert list(values(trend(*failed).causes)) == ["cannot tell"]


def test_durations_are_those_of_what_worked() -> None:
    slow = run(0.1, Status.FAILED, duration_s=300.0)
    took = [run(0.01 * n, duration_s=float(n)) for n in range(1, 21)]
    found = trend(slow, *took)
    assert found.durations is not None
    assert found.durations.categories == ("Whole run", "Service health", "Event stream")
    assert [row[0] for row in values(found.durations).values()] == [10.5, 19.0, 20.0]
    assert "300" not in found.durations.summary
    assert "its longest step is Event stream, 2.0 s" in found.durations.summary


def test_steps_stand_in_the_order_of_the_check_whatever_the_first_run_had() -> None:
    late = replace(run(0.2), steps={"events": 2.0, "token": 0.1, "own": 0.5, "health": 0.2})
    found = trend(late, replace(run(0.1), steps={"exchange": 0.3}))
    assert found.durations is not None
    titles = ("Service health", "Bypass key", "Access token", "Event stream", "own")
    assert found.durations.categories == ("Whole run", *titles)


def test_few_runs_have_no_percentile_in_words_and_no_tendency() -> None:
    found = trend(*(run(0.1 * n, duration_s=float(20 - n)) for n in range(9)))
    assert found.durations is not None
    assert "95 of 100" not in found.durations.summary
    assert "of late" not in found.durations.summary


def test_a_marked_change_of_pace_is_said() -> None:
    before = [run(2 + 0.01 * n, duration_s=2.0) for n in range(12)]
    after = [run(0.01 * n, duration_s=3.0) for n in range(12)]
    assert "of late it is slower: 3.0 s after 2.0 s" in trend(*before, *after).takeaways[1]


def test_a_chart_calls_a_step_what_its_run_does() -> None:
    titles = {step.name: step.title for step in CHECKS[DEFAULT_CHECK].steps}
    assert titles.items() <= STEP_TITLES.items()


def test_one_day_alone_is_told_in_a_sentence_and_not_drawn() -> None:
    found = trend(run(0.1), run(0.2, Status.FAILED))
    assert found.availability is None
    assert "staging worked in 50.0 % of 2 runs." in found.takeaways


def test_days_without_a_run_are_no_days_without_a_failure() -> None:
    found = trend(run(0), run(2))
    assert found.availability is not None
    assert found.availability.categories == ("Nov 20", "Nov 22")
    assert "Not shown: 5 days without a run" in found.takeaways[-1]


def test_nothing_is_said_of_nothing() -> None:
    found = trend()
    assert found.takeaways == ("No run of pipeline on staging in the last 7 days.",)
    assert (found.availability, found.causes, found.durations) == (None, None, None)


def test_a_month_has_ten_points() -> None:
    found = trend(*(run(day) for day in range(30)), period="30d")
    assert found.availability is not None
    assert len(found.availability.categories) == 10
    assert begin_of("30d", NOW) == datetime(2026, 10, 24, tzinfo=UTC)


past_runs = st.builds(
    PastRun,
    id=st.just("r"),
    started_at=st.timedeltas(timedelta(0), timedelta(days=40)).map(lambda ago: NOW - ago),
    status=st.sampled_from(Status),
    duration_s=st.floats(0, 1e6),
    cause=st.none() | st.sampled_from(Label),
    steps=st.dictionaries(st.text(max_size=60), st.floats(0, 1e6), max_size=30),
)


@given(runs=st.lists(past_runs, max_size=60), period=st.sampled_from(sorted(PERIODS)))
@settings(max_examples=100, deadline=None)
def test_whatever_ran_slack_takes_its_charts(runs: list[PastRun], period: str) -> None:
    found = trend(*runs, period=period)
    charts = [one for one in (found.availability, found.causes, found.durations) if one]
    assert found.takeaways
    for chart in charts:
        block = chart_block(chart)
        assert problems([block]) == []
        [fitted] = fit(Message(text="x", blocks=(block,))).blocks
        assert fitted["type"] == "data_visualization"


charts = st.builds(
    lambda kind, title, labels, names, value: Chart(
        kind=kind,
        title=title,
        summary="",
        categories=tuple(labels),
        series=tuple(Series(name=name, values=(value,) * len(labels)) for name in names),
        x_label=title,
        y_label=title,
    ),
    st.sampled_from(ChartKind),
    st.text(max_size=300),
    st.lists(st.text(max_size=60), min_size=1, max_size=40),
    st.lists(st.text(max_size=60), min_size=1, max_size=20),
    st.floats(0, 1e9),
)


@given(chart=charts)
@settings(max_examples=200, deadline=None)
def test_no_chart_is_beyond_slacks_limits(chart: Chart) -> None:
    block = chart_block(chart)
    assert problems([block]) == []
    names = [series["name"] for series in block["chart"]["series"]]
    assert len(set(names)) == len(names)


def test_the_third_chart_of_a_message_becomes_words() -> None:
    block = chart_block(values_chart("Third"))
    fitted = fit(Message(text="x", blocks=(block, block, block))).blocks
    assert [one["type"] for one in fitted] == ["data_visualization"] * 2 + ["section"]
    assert problems(list(fitted)) == []
    assert problems([block, block, block])


def test_the_small_slack_refuses_charts_that_contradict_themselves() -> None:
    good = chart_block(values_chart("Fine"))
    assert problems([good]) == []
    for change, why in (
        (lambda chart: chart["axis_config"]["categories"].append("c"), "every category"),
        (lambda chart: chart["series"][0]["data"].pop(), "every category"),
        (lambda chart: chart["series"][0].update(name=chart["series"][1]["name"]), "different"),
        (lambda chart: chart["series"][0]["data"][0].update(label="x" * 21), "less than 21"),
        (lambda chart: chart["series"].extend(chart["series"] * 6), "no more than 12"),
    ):
        block = json.loads(json.dumps(good))
        change(block["chart"])
        assert any(why in one for one in problems([block])), why


def values_chart(title: str, *labels: str) -> Chart:
    labels = labels or ("a", "b")
    series = (Series(name="$x_1$ <b>", values=(1.5,) * len(labels)),)
    return Chart(kind=ChartKind.BAR, title=title, summary="", categories=labels, series=series * 2)


@pytest.mark.parametrize("title", ["Availability", "$\\frac{1}$ $", "x" * 900, "жλ", ""])
def test_every_chart_can_be_drawn(title: str) -> None:
    picture = render_png(values_chart(title))
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20]) == WIDTH_PX
    assert int.from_bytes(picture[20:24]) == HEIGHT_PX


async def test_the_store_gives_the_runs_of_a_period_oldest_first() -> None:
    store = await Store.open("sqlite://")
    seed, passed = SAMPLES["seed"], SAMPLES["passed"]
    for sample in (seed, passed):
        await store.save_run(*sample)
    found = await store.past("staging", "pipeline", since=passed[0].started_at)
    assert [one.id for one in found] == [passed[0].id, seed[0].id]
    assert found[1].status is Status.FAILED
    assert found[1].cause is seed[1].causes[0].label
    assert found[0].steps
    assert await store.past("staging", "pipeline", since=NOW) == ()
    assert await store.past("other", "pipeline", since=passed[0].started_at) == ()
    await store.close()
