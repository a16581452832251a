"""Sessions: pieces of work that last longer than a run, with what they came to.

::

    model        what a session is, which operation is possible when, what can go wrong
    records      how sessions are written in the store of state
    sessions     what is done with them
    checkpoints  their values as they were at a moment
    contents     texts and bytes as what a store keeps
    artifacts    what was made in them
    recording    the events that were published in them
    current      the session that a run is in
    document     all of a session as one value
    importing    a session out of such a value
"""
