"""Reading files that come from anywhere in a process of its own, which may fail without the script.

``asking`` is the engine's side: it keeps workers and hands each a job. ``worker`` is the other process: it
forks for every job, so that a file finds a process that no other file was in, with limits of memory and
time. The jobs are ``pdf``, ``images``, ``audio`` and ``video``; they import no declaration, so that a worker
starts fast, and give plain values. What is read and written is asked for by the engine's side; a job reads
the one file that it is named.
"""
