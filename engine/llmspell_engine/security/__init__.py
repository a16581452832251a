"""What a script may touch: profiles, what they allow, and the errors of what they do not.

``permissions.py`` answers the questions of tools and runtimes: may this file be read, this host be
reached, this program be started. It knows no script, no tool and no interpreter.
"""
