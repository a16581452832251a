"""What an editor asks of scripts: one module a question, answered on immutable snapshots.

In reading order:

- ``workspace``: scripts that open and change; ``Snapshot`` has a method for each question.
- ``nodes``, ``scopes``, ``program``: what a walk of a file leaves, the same for both languages;
  ``lua_walk`` and ``javascript_walk`` make it on top of ``walk``.
- ``values``, ``schemas``, ``catalog_types``, ``inference``, ``exports``: what an expression is, and
  what its place demands of it.
- ``semantics``: all of that as rules see it.
- ``hover``, ``definition``, ``symbols``: questions about a finished text.
- ``completion``, ``signature``: questions about a text being written. ``statements`` finds the
  statement at the cursor, ``fragments`` mends it, ``placement`` says what the cursor stands in.
- ``documentation``, ``snippets``: how things are written out.
"""
