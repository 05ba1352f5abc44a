"""Commands of the shop: `flask --app wsgi …`. Each module lists its own in `commands`."""
