"""Every declared global and handle, in the order of the reference."""

from __future__ import annotations

from llmspell_engine.api.agent import Agent
from llmspell_engine.api.agent_builder import AgentBuilder
from llmspell_engine.api.agent_instance import AgentInstance
from llmspell_engine.api.agent_pool import AgentPool
from llmspell_engine.api.arguments import Arg, Args
from llmspell_engine.api.artifact import Artifact
from llmspell_engine.api.async_ import Async, Timer
from llmspell_engine.api.config import Config
from llmspell_engine.api.debug import Debug
from llmspell_engine.api.declare import Global, Handle
from llmspell_engine.api.event import Event, Events
from llmspell_engine.api.hook import BuiltinHook, Hook, HookHandle, Hooks
from llmspell_engine.api.json import JSON
from llmspell_engine.api.local_llm import LocalLLM
from llmspell_engine.api.logger import Logger, LoggerInstance, LogTimer
from llmspell_engine.api.output_streams import Console, Print
from llmspell_engine.api.promise import Promise, PromiseObject
from llmspell_engine.api.prompt import Prompt, PromptTemplate
from llmspell_engine.api.provider import Provider
from llmspell_engine.api.session import Session, SessionBuilder
from llmspell_engine.api.state import State
from llmspell_engine.api.state_handles import StateTransaction, StateWatch
from llmspell_engine.api.streaming import Stream, Streaming
from llmspell_engine.api.tool import Tool, ToolHandle
from llmspell_engine.api.tools import Tools
from llmspell_engine.api.workflow import Workflow
from llmspell_engine.api.workflow_builder import WorkflowBuilder
from llmspell_engine.api.workflow_instance import WorkflowInstance

GLOBALS: tuple[type[Global], ...] = (
    Agent, Workflow, Tool, Tools, Prompt, Provider, LocalLLM, Config, State, Session, Artifact,
    Event, Events, Hook, Hooks, Async, Promise, Streaming, Logger, Debug, JSON, Print, Console, Args, Arg,
)  # fmt: skip
HANDLES: tuple[type[Handle], ...] = (
    AgentBuilder, AgentInstance, AgentPool, WorkflowBuilder, WorkflowInstance, ToolHandle,
    PromptTemplate, SessionBuilder, StateTransaction, StateWatch, Stream, PromiseObject, Timer, HookHandle,
    BuiltinHook, LoggerInstance, LogTimer,
)  # fmt: skip
