"""Reading, computing and changing values."""

from __future__ import annotations

from llmspell_dap import from_dap, to_dap
from llmspell_dap.protocol.arguments import EvaluateArguments, SetVariableArguments, VariablesArguments
from llmspell_dap.protocol.bodies import EvaluateBody, SetVariableBody, VariablesBody
from llmspell_dap.requests import Needs, request
from llmspell_dap.session import Session


@request("variables", needs=Needs.STOP, beside=True)
async def variables(session: Session, arguments: VariablesArguments) -> VariablesBody:
    """A window of the parts of a scope or value."""
    window = from_dap.variables_window(arguments)
    found = await session.debuggee.variables(
        arguments.variables_reference,
        arguments.filter,
        window.start,
        window.count,
        hex_numbers=from_dap.wants_hex(arguments.format),
    )
    return to_dap.variables(session.view, found)


@request("evaluate", needs=Needs.STOP, beside=True)
async def evaluate(session: Session, arguments: EvaluateArguments) -> EvaluateBody:
    """The value of an expression in a frame."""
    value = await session.debuggee.evaluate(
        arguments.expression,
        arguments.frame_id,
        from_dap.evaluate_context(arguments),
        hex_numbers=from_dap.wants_hex(arguments.format),
    )
    return to_dap.evaluated(session.view, value)


@request("setVariable", needs=Needs.STOP, beside=True)
async def set_variable(session: Session, arguments: SetVariableArguments) -> SetVariableBody:
    """Give a variable the value of an expression."""
    value = await session.debuggee.set_variable(
        arguments.variables_reference, arguments.name, arguments.value
    )
    return to_dap.assigned(session.view, value)
