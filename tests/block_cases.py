"""Blocks that Slack takes and that it refuses, made in a line each."""

from collections.abc import Callable


def plain(text: str) -> dict:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict:
    return {"type": "mrkdwn", "text": text}


def rich(*parts: dict) -> dict:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [*parts]}]}


def words(text: str) -> dict:
    return {"type": "text", "text": text}


def button(**changes) -> dict:
    return {"type": "button", "text": plain("Re-run Check"), "action_id": "do:run"} | changes


def actions(*elements: dict) -> dict:
    return {"type": "actions", "elements": list(elements)}


def option(number: int) -> dict:
    return {"text": plain(f"Option {number}"), "value": f"{number}"}


def menu(**changes) -> dict:
    return {"type": "static_select", "action_id": "pick", "options": [option(1)]} | changes


def confirm(**changes) -> dict:
    usual = {"title": plain("Sure"), "text": mrkdwn("It posts again")}
    return usual | {"confirm": plain("Post"), "deny": plain("Leave")} | changes


def task(number: int, **changes) -> dict:
    return {"task_id": f"t{number}", "title": "Health", "status": "pending"} | changes


def plan(*tasks: dict, **changes) -> dict:
    return {"type": "plan", "title": "Checking", "tasks": list(tasks)} | changes


def cell(text: str) -> dict:
    return {"type": "raw_text", "text": text}


def table(*rows: list[dict]) -> dict:
    return {"type": "table", "rows": [list(row) for row in rows]}


def line_chart(points: int = 3, series: int = 1, title: str = "Runs") -> dict:
    data = [{"label": f"{n}", "value": n} for n in range(points)]
    chart = {
        "type": "line",
        "series": [{"name": f"s{n}", "data": data} for n in range(series)],
        "axis_config": {"categories": [point["label"] for point in data]},
    }
    return {"type": "data_visualization", "title": title, "chart": chart}


def section(text: str = "x", **more) -> dict:
    return {"type": "section", "text": mrkdwn(text)} | more


def card(**changes) -> dict:
    return {"type": "card", "title": mrkdwn("Run"), "body": mrkdwn("passed")} | changes


def image(**changes) -> dict:
    return {"type": "image", "image_url": "https://x.test/a.png", "alt_text": "a chart"} | changes


LIMITS: dict[str, tuple[Callable[[int], dict], int]] = {
    "section text": (lambda n: section("x" * n), 3000),
    "section fields": (lambda n: {"type": "section", "fields": [mrkdwn("x")] * n}, 10),
    "section field text": (lambda n: {"type": "section", "fields": [mrkdwn("x" * n)]}, 2000),
    "header text": (lambda n: {"type": "header", "text": plain("x" * n)}, 150),
    "context elements": (lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}, 10),
    "context text": (lambda n: {"type": "context", "elements": [mrkdwn("x" * n)]}, 2000),
    "actions elements": (
        lambda n: actions(*(button(action_id=f"a{i}") for i in range(n))),
        25,
    ),
    "button text": (lambda n: actions(button(text=plain("x" * n))), 75),
    "button value": (lambda n: actions(button(value="x" * n)), 2000),
    "button url": (lambda n: actions(button(url="https://x.test/".ljust(n, "x"))), 3000),
    "button agent_prompt": (lambda n: actions(button(agent_prompt="x" * n)), 4000),
    "accessibility_label": (lambda n: actions(button(accessibility_label="x" * n)), 75),
    "action_id": (lambda n: actions(button(action_id="x" * n)), 255),
    "block_id": (lambda n: section(block_id="x" * n), 255),
    "confirm title": (lambda n: actions(button(confirm=confirm(title=plain("x" * n)))), 100),
    "confirm text": (lambda n: actions(button(confirm=confirm(text=plain("x" * n)))), 300),
    "confirm button": (lambda n: actions(button(confirm=confirm(confirm=plain("x" * n)))), 30),
    "confirm deny": (lambda n: actions(button(confirm=confirm(deny=plain("x" * n)))), 30),
    "menu options": (lambda n: actions(menu(options=[option(i) for i in range(n)])), 100),
    "menu placeholder": (lambda n: actions(menu(placeholder=plain("x" * n))), 150),
    "option text": (
        lambda n: actions(menu(options=[option(1) | {"text": plain("x" * n)}])),
        75,
    ),
    "option value": (lambda n: actions(menu(options=[option(1) | {"value": "x" * n}])), 150),
    "option description": (
        lambda n: actions(menu(options=[option(1) | {"description": plain("x" * n)}])),
        75,
    ),
    "overflow options": (
        lambda n: actions(
            {"type": "overflow", "action_id": "o", "options": [option(i) for i in range(n)]}
        ),
        5,
    ),
    "radio options": (
        lambda n: actions(
            {"type": "radio_buttons", "action_id": "r", "options": [option(i) for i in range(n)]}
        ),
        10,
    ),
    "checkbox options": (
        lambda n: actions(
            {"type": "checkboxes", "action_id": "c", "options": [option(i) for i in range(n)]}
        ),
        10,
    ),
    "image alt_text": (lambda n: image(alt_text="x" * n), 2000),
    "image title": (lambda n: image(title=plain("x" * n)), 2000),
    "markdown": (lambda n: {"type": "markdown", "text": "x" * n}, 12_000),
    "plan tasks": (lambda n: plan(*(task(i) for i in range(n))), 50),
    "task title": (lambda n: plan(task(1, title="x" * n)), 256),
    "table rows": (lambda n: table(*([cell("x")] for _ in range(n))), 100),
    "table columns": (lambda n: table([cell("x")] * n), 20),
    "table characters": (lambda n: table([cell("x" * (n - 4)), cell("four")]), 10_000),
    "chart title": (lambda n: line_chart(title="x" * n), 50),
    "chart points": (lambda n: line_chart(points=n), 20),
    "chart series": (lambda n: line_chart(series=n), 12),
    "card title": (lambda n: card(title=mrkdwn("x" * n)), 150),
    "card body": (lambda n: card(body=mrkdwn("x" * n)), 200),
    "card actions": (
        lambda n: card(actions=[button(action_id=f"a{i}") for i in range(n)]),
        3,
    ),
    "carousel cards": (lambda n: {"type": "carousel", "elements": [card()] * n}, 10),
    "container children": (
        lambda n: {"type": "container", "title": plain("x"), "child_blocks": [section()] * n},
        10,
    ),
    "rich text indent": (
        lambda n: {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "indent": n,
                    "elements": [{"type": "rich_text_section", "elements": [words("why")]}],
                }
            ],
        },
        8,
    ),
}
ACCEPTED = {
    "fields only": {"type": "section", "fields": [mrkdwn("a"), plain("b")]},
    "image beside a section": section(accessory=image()),
    "button beside a section": section(accessory=button(confirm=confirm(style="danger"))),
    "menu of groups": actions(
        {
            "type": "static_select",
            "action_id": "x",
            "option_groups": [{"label": plain("g"), "options": [option(1)]}],
        }
    ),
    "task with everything": plan(
        task(
            1,
            type="task_card",
            status="error",
            details=rich(words("a")),
            output=rich(words("b")),
            sources=[{"type": "url", "url": "https://x.test", "text": "runbook"}],
        )
    ),
    "aligned table": table([rich(words("a")), cell("b")])
    | {"column_settings": [{"align": "right"}, {"is_wrapped": True}]},
    "spaces between rich parts": rich(words("a"), words(" "), words("b")),
    "every rich part": rich(
        words("a") | {"style": {"bold": True, "code": True}},
        {"type": "link", "url": "mailto:a@b.test", "text": "mail"},
        {"type": "user", "user_id": "U1"},
        {"type": "channel", "channel_id": "C1"},
        {"type": "emoji", "name": "wave"},
        {"type": "date", "timestamp": 1_700_000_000, "format": "{date}", "fallback": "then"},
        {"type": "broadcast", "range": "here"},
        {"type": "color", "value": "#ff0000"},
    ),
    "data table with numbers": {
        "type": "data_table",
        "caption": "Runs",
        "rows": [[cell("run")], [{"type": "raw_number", "value": 2.5, "text": "2.5 s"}]],
    },
}
