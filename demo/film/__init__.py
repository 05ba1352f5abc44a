"""The three-minute film of the demo shop, drawn by code; see README.md for how to rebuild it."""
