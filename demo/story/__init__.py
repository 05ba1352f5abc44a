"""Herr Müller's Wednesday, played in a browser: one description for the player, tests and pictures.

- `stage`: the running demo, its people and addresses;
- `telling`: what was seen, step by step, with times; the first thing that is not as told ends it;
- `windows`: browser windows, one per person;
- `shopping`, `shortage`, `parcels`, `afterwards`: the chapters;
- `play`: all of them in order.
"""
