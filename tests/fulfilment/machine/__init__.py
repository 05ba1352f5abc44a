"""The parts of the stock machine (see test_stock_machine.py): rules, by who does what."""
