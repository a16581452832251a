"""What agents are doing, in the hands of scripts: their lifecycle, health, figures and kept values."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents import execution
from llmspell_engine.agents.base import AgentError, BaseAgent
from llmspell_engine.api import agent_options as api
from llmspell_engine.state.encoding import decode, encode

if TYPE_CHECKING:
    from llmspell_engine.api import agent_states, agent_telling
    from llmspell_engine.globals.services import Run


class AgentStates:
    """The part of an agent's handle that is about its state."""

    agent: BaseAgent
    name: str
    _run: Run
    _forget: Callable[[Any], None]

    def get_state(self, key: str | None = None) -> Any:
        if key is None:
            return self.get_agent_state()
        text = self._run.services.state.load(self._scope, key)
        return None if text is None else decode(text)

    def set_state(self, values: Mapping[str, Any]) -> None:
        texts = {key: encode(value, "AgentInstance.set_state") for key, value in values.items()}
        for key, text in texts.items():
            self._run.services.state.save(self._scope, key, text)

    def get_agent_state(self) -> api.AgentState:
        standing = self.agent.lifecycle.standing
        is_running = self.agent.metrics.active > 0 and standing == "ready"
        return "running" if is_running else standing

    def get_state_history(self) -> Sequence[agent_states.StateTransition]:
        from llmspell_engine.api import agent_states

        return [
            agent_states.StateTransition.model_validate(
                {
                    "from": one.before,
                    "to": one.after,
                    "timestamp": _iso(one.time),
                    "elapsed": one.elapsed,
                    "reason": one.reason,
                }
            )
            for one in self.agent.lifecycle.history
        ]

    async def initialize(self) -> None:
        await execution.begin(self.agent)

    def start(self) -> None:
        if self.agent.lifecycle.standing == "paused":
            raise AgentError(f"the agent '{self.name}' is paused; resume it")
        self.agent.lifecycle.change(self.name, "ready", "started")

    def pause(self) -> None:
        self.agent.lifecycle.change(self.name, "paused", "paused")

    def resume(self) -> None:
        standing = self.agent.lifecycle.standing
        if standing == "paused":
            self.agent.lifecycle.change(self.name, "ready", "resumed")
        elif standing != "uninitialized":
            self.agent.lifecycle.check(self.name)

    def stop(self) -> None:
        self.agent.lifecycle.change(self.name, "stopped", "stopped")

    def terminate(self) -> Awaitable[None]:
        return self.destroy()

    def destroy(self) -> Awaitable[None]:
        self._forget(self)
        return self.agent.shut_down()

    def get_last_error(self) -> str | None:
        return self.agent.lifecycle.last_error

    def is_healthy(self) -> bool:
        return self.get_health().status == "healthy"

    def get_health(self) -> agent_states.AgentHealth:
        from llmspell_engine.api import agent_states

        now = _iso(datetime.now(UTC).timestamp())
        try:
            self.agent.lifecycle.check(self.name)
        except AgentError as refused:
            return agent_states.AgentHealth(status="unavailable", message=str(refused), timestamp=now)
        failed = self.agent.lifecycle.last_error
        if failed is not None:
            message = f"the last execution failed: {failed}"
            return agent_states.AgentHealth(status="degraded", message=message, timestamp=now)
        message = f"the agent '{self.name}' answers"
        return agent_states.AgentHealth(status="healthy", message=message, timestamp=now)

    def get_metrics(self) -> agent_telling.AgentMetrics:
        return metrics_of(self.agent)

    def get_performance(self) -> agent_states.AgentPerformance:
        from llmspell_engine.api import agent_states

        found = metrics_of(self.agent)
        failed = found.failures / found.executions if found.executions else 0.0
        return agent_states.AgentPerformance(
            total_executions=found.executions,
            avg_execution_time_ms=found.average_ms,
            success_rate=1 - failed,
            error_rate=failed,
        )

    def log_event(self, event_type: str, message: str) -> None:
        data = {"agent": self.name, "event_type": event_type, "message": message}
        self._run.services.events.publish("agent.log", data, self._run.language)
        self._run.log.put("info", message, {"event_type": event_type}, f"agent.{self.name}")

    @property
    def _scope(self) -> str:
        return f"agent:{self.name}"


def metrics_of(agent: BaseAgent) -> agent_telling.AgentMetrics:
    """What an agent has done so far."""
    from llmspell_engine.api import agent_telling

    found = agent.metrics
    ended = found.executions - found.active
    return agent_telling.AgentMetrics(
        executions=found.executions,
        failures=found.failures,
        average_ms=found.total_ms / ended if ended else 0.0,
        active=found.active,
        tool_calls=found.tool_calls,
        input_tokens=found.input_tokens,
        output_tokens=found.output_tokens,
        cost=found.cost,
    )


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
