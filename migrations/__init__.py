"""How the database came to its shape, step by step, and who may do what with it."""
