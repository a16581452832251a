"""Signature help: how the call around the cursor is written, and which parameter comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.documentation import (
    fields_markdown,
    member_notes,
    member_title,
    script_label,
    signature_label,
)
from llmspell_engine.analysis.model import Signature, SignatureHelp, SignatureParameter
from llmspell_engine.analysis.nodes import Call
from llmspell_engine.analysis.placement import placement_at
from llmspell_engine.analysis.values import Callback, FunctionValue, HostFunction

if TYPE_CHECKING:
    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.analysis.placement import Placement
    from llmspell_engine.analysis.semantics import Semantics
    from llmspell_engine.analysis.workspace import Document
    from llmspell_engine.catalog.model import Parameter


def signature_at(document: Document, offset: int) -> SignatureHelp | None:
    """The signature of the innermost call whose arguments hold the cursor."""
    placement = placement_at(document, offset)
    if placement is None or placement.node is None:
        return None
    found = _call_around(placement.node)
    if found is None:
        return None
    call, index = found
    if placement.fragment.is_glued and placement.node in call.arguments:
        index -= 1
    signature, count, is_variadic = _signature(placement, call)
    if signature is None:
        return None
    semantics = placement.semantics
    called = semantics.inference.called(call)
    index += called.skipped - (len(call.arguments) - len(called.arguments))
    if index < 0:
        return None
    active = index if index < count else (count - 1 if is_variadic and count else None)
    return SignatureHelp((signature,), 0, active)


def _call_around(node: Expression) -> tuple[Call, int] | None:
    """The call that ``node`` is written in, and the index of the argument it belongs to."""
    inner: object = node
    outer: object = node.parent
    while outer is not None:
        if isinstance(outer, Call) and inner is not outer.callee:
            index = next((i for i, one in enumerate(outer.arguments) if one is inner), None)
            if index is not None:
                return outer, index
        inner, outer = outer, getattr(outer, "parent", None)
    return None


def _signature(placement: Placement, call: Call) -> tuple[Signature | None, int, bool]:
    """The signature, the number of its parameters, and whether the last takes many."""
    semantics = placement.semantics
    target = semantics.inference.called(call).target
    if isinstance(target, HostFunction):
        parameters = target.member.parameters
        return (
            _host_signature(semantics, target, call),
            len(parameters),
            any(one.variadic for one in parameters),
        )
    if isinstance(target, FunctionValue):
        function = target.function
        return _script_signature(target, call), len(function.parameters), function.is_variadic
    if isinstance(target, Callback):
        return None, 0, False
    return None, 0, False


def _host_signature(semantics: Semantics, target: HostFunction, call: Call) -> Signature:
    member, language, catalog = target.member, semantics.language, semantics.catalog
    title = member_title(member, target.owner, language)
    label, spans = signature_label(catalog, title, member.parameters, member.result(language), language)
    parameters = tuple(
        SignatureParameter(span, _parameter_doc(semantics, target, call, index, parameter))
        for index, (span, parameter) in enumerate(zip(spans, member.parameters, strict=True))
    )
    return Signature(label, "\n\n".join(member_notes(member, language)), parameters)


def _parameter_doc(
    semantics: Semantics, target: HostFunction, call: Call, index: int, parameter: Parameter
) -> str:
    """The parameter's documentation, and the options it takes when it takes a table."""
    schema = semantics.inference.parameter_schema(target, index, call.arguments) or parameter.schema
    arms = [arm for arm in schemas.objects(semantics.catalog, schema) if "properties" in arm]
    tables = [fields_markdown(semantics.catalog, arm, semantics.language) for arm in arms[:4]]
    return "\n\n".join(part for part in (parameter.doc, *tables) if part)


def _script_signature(target: FunctionValue, call: Call) -> Signature:
    called = getattr(call.callee, "name", "")
    title = target.function.name or (called if isinstance(called, str) else "")
    label, spans = script_label(title, target.function, target.home.language)
    return Signature(label, "", tuple(SignatureParameter(span, "") for span in spans))
