"""What the law wants the shop to say: texts as data, with versions that are never changed."""
