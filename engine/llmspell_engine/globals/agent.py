"""The global ``Agent``: agents by name, and what is made of several."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.base import AgentError, AgentRequest, BaseAgent
from llmspell_engine.api import agent as api
from llmspell_engine.api import agent_builder, agent_instance
from llmspell_engine.globals.agent_contexts import AgentContexts
from llmspell_engine.globals.agent_instance import AgentInstance
from llmspell_engine.globals.agent_knowledge import AgentKnowledge
from llmspell_engine.globals.agent_making import AgentMaker, prompted, result_of

if TYPE_CHECKING:
    from llmspell_engine.agents.composite import Choose
    from llmspell_engine.api import agent_forms, agent_groups, agent_options, agent_telling
    from llmspell_engine.api.agent_options import Prompt
    from llmspell_engine.globals.agent_builder import AgentBuilder
    from llmspell_engine.globals.agent_pool import AgentPool
    from llmspell_engine.globals.services import Run
    from llmspell_engine.providers.metering import Used


class Agent(AgentContexts, AgentKnowledge, api.Agent):
    """The agents of a run, by name."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._agents = run.agents
        self._maker = AgentMaker(run, self._find)
        self._contexts = run.contexts

    def builder(self) -> AgentBuilder:
        from llmspell_engine.globals.agent_builder import AgentBuilder

        return AgentBuilder(self, self._run.language)

    def create(self, options: agent_builder.AgentOptions) -> AgentInstance:
        self._check_free(options.name)
        options = prompted(options)
        return self._registered(self._maker.agent(options), options)

    def register(self, options: agent_forms.RegisterOptions) -> str:
        model = options.model
        if model is None and options.agent_type == "llm":
            agent = f"the agent '{options.name}'" if options.name else "the agent"
            raise AgentError(f"{agent} needs a model: model = {{ model_id = … }}")
        made = agent_builder.AgentOptions(
            name=options.name,
            description=options.description,
            type=options.agent_type,
            model=model.model_id if model else "echo",
            provider=model.provider if model else None,
            temperature=model.temperature if model else None,
            max_tokens=model.max_tokens if model else None,
            allowed_tools=options.allowed_tools,
            custom_config=options.custom_config,
            resource_limits=options.resource_limits,
        )
        return self.create(made).name

    def get(self, name: str) -> AgentInstance | None:
        found: AgentInstance | None = self._agents.get(name)
        return found

    def list(self) -> Sequence[agent_telling.AgentSummary]:
        from llmspell_engine.api import agent_telling

        return [
            agent_telling.AgentSummary(name=each.name, model=each.model, description=each.agent.description)
            for each in self._agents.values()
        ]

    def list_instances(self) -> Sequence[str]:
        return [*self._agents]

    async def execute(self, agent: agent_instance.AnyAgent, request: Prompt) -> agent_options.AgentResult:
        begin = time.perf_counter()
        answer = await self._find(agent).execute(self._maker.request(request))
        return result_of(answer, (time.perf_counter() - begin) * 1000)

    def usage(self) -> agent_telling.RunUsage:
        from llmspell_engine.api import agent_telling

        meter = self._run.meter
        models = {name: agent_telling.ModelUsage(**_used(used)) for name, used in meter.by_model.items()}
        return agent_telling.RunUsage(models=models, **_used(meter.total))

    def pipeline(self, options: agent_groups.PipelineOptions) -> AgentInstance:
        from llmspell_engine.agents.composite import Pipeline

        self._check_free(options.name)
        steps = [self._step(step) for step in options.steps]
        return self._registered(Pipeline(options.name, options.description, self._maker.scope, steps), None)

    def create_composite(
        self,
        name: str,
        agents: Sequence[agent_instance.AnyAgent],
        routing: agent_groups.RoutingOptions | str | Callable[[str], Any],
    ) -> AgentInstance:
        from llmspell_engine.agents.composite import Pipeline, Router
        from llmspell_engine.api import agent_groups

        self._check_free(name)
        if not agents:
            raise AgentError(f"'{name}' is made of no agents; give at least one")
        strategy = routing.strategy if isinstance(routing, agent_groups.RoutingOptions) else routing
        chosen: Any = self._choosing(strategy) if callable(strategy) else strategy
        members = [self._find(each) for each in agents]
        if chosen == "sequential":
            return self._registered(Pipeline(name, None, self._maker.scope, members), None)
        chosen = "all" if chosen == "parallel" else chosen
        given = routing.fallback_agent if isinstance(routing, agent_groups.RoutingOptions) else None
        otherwise = None if given is None else self._find(given)
        return self._registered(Router(name, self._maker.scope, members, chosen, otherwise), None)

    def pool(self, options: agent_groups.PoolOptions) -> AgentPool:
        from llmspell_engine.agents.composite import Pool
        from llmspell_engine.globals.agent_pool import AgentPool

        name = options.name or options.agent.name
        numbered = [
            options.agent.model_copy(update={"name": f"{name}-{number}" if name else None})
            for number in range(1, options.size + 1)
        ]
        members = [self._maker.agent(each) for each in numbered]
        pool = Pool(options.name, options.agent.description, self._maker.scope, members)
        return AgentPool(pool, self._maker)

    def wrap_as_tool(
        self, agent: agent_instance.AnyAgent, options: agent_forms.WrapOptions | None = None
    ) -> str:
        from llmspell_engine.agents.tools import WrappedAgent
        from llmspell_engine.api import agent_forms
        from llmspell_engine.globals.run_tools import RunTool

        asked = options or agent_forms.WrapOptions()
        tool = WrappedAgent(self._find(agent), asked.tool_name, asked.description)
        return self._run.tools.add(RunTool(tool, asked.category, asked.security_level))

    def from_tool(self, tool_name: str, options: agent_forms.ToolAgentOptions | None = None) -> AgentInstance:
        from llmspell_engine.agents.tool_agent import ToolAgent, ToolAgentSettings
        from llmspell_engine.api import agent_forms

        asked = options or agent_forms.ToolAgentOptions()
        tool = self._maker.tool(tool_name)
        self._check_free(asked.name or tool.name)
        settings = ToolAgentSettings(**{name: getattr(asked, name) for name in type(asked).model_fields})
        return self._registered(ToolAgent(tool, self._maker.scope, settings), None)

    def list_templates(self) -> Sequence[agent_telling.TemplateInfo]:
        from llmspell_engine.agents.templates import TEMPLATES
        from llmspell_engine.api import agent_telling

        return [
            agent_telling.TemplateInfo(
                name=one.name, description=one.description, variables=dict(one.variables)
            )
            for one in TEMPLATES.values()
        ]

    def template(self, name: str, options: agent_builder.AgentOptions) -> AgentInstance:
        from llmspell_engine.agents.templates import TEMPLATES

        template = TEMPLATES[name]
        given = {field: getattr(options, field) for field in options.model_fields_set}
        settings = {
            "description": template.description,
            "system_prompt": template.system_prompt,
            **template.settings,
            **given,
            "variables": {**template.variables, **options.variables},
        }
        return self.create(agent_builder.AgentOptions(**settings))

    def create_from_template(
        self, instance_name: str, template_name: str, parameters: agent_builder.AgentOptions
    ) -> AgentInstance:
        return self.template(template_name, parameters.model_copy(update={"name": instance_name}))

    def _registered(self, agent: BaseAgent, options: agent_builder.AgentOptions | None) -> AgentInstance:
        made = AgentInstance(agent, options, self._run, self._maker, self._forget)
        self._agents[made.name] = made
        return made

    def _check_free(self, name: str | None) -> None:
        if name in self._agents:
            raise AgentError(f"there is an agent '{name}' already; destroy it or choose another name")

    def _forget(self, agent: AgentInstance) -> None:
        if self._agents.get(agent.name) is agent:
            del self._agents[agent.name]

    def _find(self, given: Any) -> BaseAgent:
        """The agent of a handle or a name: of any handle that stands for an agent. Raises AgentError."""
        found = self._agents.find(given) if isinstance(given, str) else given
        agent = getattr(found, "agent", None)
        if isinstance(agent, BaseAgent):
            return agent
        raise self._unknown(given)

    def _step(self, given: Any) -> Any:
        is_agent = isinstance(given, str) or hasattr(given, "agent")
        return self._find(given) if is_agent else self._maker.function(given)

    def _choosing(self, function: Callable[..., Any]) -> Choose:
        async def choose(request: AgentRequest) -> Any:
            return await self._run.scheduler.call(function, request.text)

        return choose


def _used(used: Used) -> dict[str, Any]:
    return {
        "calls": used.calls,
        "tokens": used.tokens,
        "input_tokens": used.input_tokens,
        "output_tokens": used.output_tokens,
        "cost": used.cost,
        "unpriced_calls": used.unpriced,
    }
