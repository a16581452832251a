"""Entering Lua or JavaScript line by line: ``llmspell repl``.

::

    commands/repl.py   the command: on a terminal or through a pipe
    loop.py            what is done with what was entered, wherever it comes from
    session.py         the thread of a language's session
    dotted.py          .help, .save and the like
    terminal.py        prompt_toolkit: keys, history, completion, hints
    assistance.py      completion and hints, as editors get them
    incomplete.py      whether a text goes on
"""
