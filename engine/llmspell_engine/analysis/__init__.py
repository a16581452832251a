"""What an editor asks of scripts: one module a question, answered on immutable snapshots."""
