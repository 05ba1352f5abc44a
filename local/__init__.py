"""What stands in for the outside on one machine: PostgreSQL, Valkey, a mail sink, a Stripe double.

Nothing here is part of the product, and nothing here imports it: this package starts processes,
watches them and ends them.
"""
