"""What agents are and do: the hierarchy, the conversation, the tool-calling loop, handoff, composites."""
