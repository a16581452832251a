"""What scripts pass is checked each time, also after others like it have been found to be as declared."""

from __future__ import annotations

import pytest
from llmspell_engine.language import Language
from support.globals import Pair, check_refused
from support.runtime import Script, both, run

BEFORE = "for n = 1, 3 do State.save('global', 'key', 1) State.load('global', 'key') end "
BEFORE_JAVASCRIPT = (
    "for (let n = 0; n < 3; n++) { State.save('global', 'key', 1); State.load('global', 'key'); } "
)
SCOPES = "`global`, `custom`, `session`, `workflow`, `agent`, `tool`, or `agent:<name>`"
REFUSED = {
    "State.load('globl', 'key')": f"State.load: 'scope' must be {SCOPES}, but \"globl\" was given",
    "State.load('global', '')": "State.load: 'key' must be at least 1 character long, but \"\" was given",
    "State.load('global', 5)": "State.load: 'key' must be a string, but 5 was given",
    "State.load('global', true)": "State.load: 'key' must be a string, but true was given",
    "State.load('key')": f"State.load: 'scope' must be {SCOPES}, but \"key\" was given",
    "State.load('global')": "State.load: 'key' is missing; it takes 2 arguments (scope, key)",
    "State.load('global', 'key', 'more')": "State.load takes 2 arguments (scope, key), but 3 were given",
    "State.save('globl', 'key', {})": f"State.save: 'scope' must be {SCOPES}, but \"globl\" was given",
}


@both
@pytest.mark.parametrize(("call", "message"), REFUSED.items(), ids=REFUSED)
def test_what_is_wrong_after_what_was_right_is_told(call: str, message: str, language: Language) -> None:
    check_refused(Pair(call, BEFORE + call, BEFORE_JAVASCRIPT + call, message), language)


def test_half_of_a_surrogate_pair_is_no_name() -> None:
    ran = run(Script("javascript", f"{BEFORE_JAVASCRIPT} State.load('global', 'a\\ud800')"))
    assert ran.error is not None
    assert str(ran.error).startswith("State.load: 'key' must be")
