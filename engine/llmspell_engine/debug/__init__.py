"""The debugger without a wire to an editor: probes, breakpoints, steps, frames, values.

Two processes take part. The **debuggee** runs the script and the debugger's core (``host``, ``core``
and the two language backends). The **client** (``client``) starts or joins a debuggee and talks to it
over a private channel (``channel``) in the values of ``model``. The client imports no interpreter.
"""
