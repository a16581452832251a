"""The errors of this room. Each says which profile and which rule refused, and how to allow it."""

from __future__ import annotations


class SecurityError(Exception):
    """A profile does not allow what a script asked for.

    Attributes:
        profile: the profile that holds, ``medium``.
        rule: the rule that refused, which is the key of it in ``[security]``: ``hosts``.
        refused: what was asked for, as the object of a sentence: ``the host 'example.com'``.
        remedy: how to allow it, in the imperative; empty where nothing can.
    """

    kind = "SecurityError"
    code = "forbidden"

    def __init__(self, refused: str, *, profile: str, rule: str, remedy: str = "") -> None:
        told = f"the profile '{profile}' does not allow {refused} (rule `{rule}`)"
        super().__init__(f"{told}; {remedy}" if remedy else told)
        self.profile = profile
        self.rule = rule
        self.refused = refused
        self.remedy = remedy
