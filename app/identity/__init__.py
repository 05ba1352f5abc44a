"""People who work here and their devices: who they are and what they may do."""
