"""Where: locations, their opening days and cut-offs, and how far apart they are."""
