"""Workflows that come to a step of the app, and what the app says of each when it is done."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.sandbox.slack.args import Args
from bot.sandbox.slack.workspace import Json, Refusal, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One step of a workflow: open until the app completes it."""

    id: str
    callback_id: str
    inputs: Mapping[str, Json]
    outputs: Mapping[str, Json] | None = None
    error: str = ""

    @property
    def is_over(self) -> bool:
        return self.outputs is not None or bool(self.error)


@dataclass(slots=True)
class Steps:
    """Every execution of a step."""

    workspace: Workspace
    executions: dict[str, Execution] = field(default_factory=dict)

    def begin(self, callback_id: str, inputs: Mapping[str, Json]) -> tuple[Execution, Json]:
        """Come to a step; return its execution, and the event that tells the app."""
        name = f"Fx{secrets.token_hex(6).upper()}"
        self.executions[name] = Execution(id=name, callback_id=callback_id, inputs=dict(inputs))
        event = {
            "type": "function_executed",
            "function": {
                "id": "Fn0MINISLACK",
                "callback_id": callback_id,
                "title": "Run a staging check",
                "type": "app",
                "app_id": self.workspace.app_id,
            },
            "inputs": dict(inputs),
            "function_execution_id": name,
            "workflow_execution_id": f"Wx{secrets.token_hex(6).upper()}",
            "bot_access_token": f"xwfp-{secrets.token_hex(12)}",
        }
        return self.executions[name], event

    def succeed(self, args: Args) -> Json:
        """functions.completeSuccess."""
        execution = self._open(args)
        outputs = args.json("outputs")
        if not isinstance(outputs, dict):
            raise Refusal("invalid_arguments")
        self.executions[execution.id] = replace(execution, outputs=outputs)
        self.workspace.touch()
        return {}

    def fail(self, args: Args) -> Json:
        """functions.completeError."""
        execution = self._open(args)
        self.executions[execution.id] = replace(execution, error=args.needed("error"))
        self.workspace.touch()
        return {}

    def _open(self, args: Args) -> Execution:
        execution = self.executions.get(args.needed("function_execution_id"))
        if execution is None:
            raise Refusal("function_execution_not_found")
        if execution.is_over:
            raise Refusal("execution_already_completed")
        return execution
