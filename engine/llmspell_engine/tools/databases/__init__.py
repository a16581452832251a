"""Databases that tools reach: one module for each kind, and what they have in common.

``places`` tells which database is meant, ``statements`` what SQL may do and where its values go, ``rows``
what comes out. ``sqlite`` opens files; ``servers`` holds a connection to ``postgresql`` or ``mysql`` for one
call.
"""
