"""Checks scripts without running them: rules, suppression comments, fixes.

A rule is one module of :mod:`.rules`; its docstring is its documentation. All rules read the one
semantic model that analysis makes of a file, so a file is parsed and walked once however many rules
there are. :func:`.check.check` gives the same diagnostics to the command line and to the editor.

The principle of every rule: where a type or a value is not surely known, say nothing.
"""
