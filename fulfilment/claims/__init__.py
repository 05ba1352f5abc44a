"""What is promised of it: reservations, allocations, backorders, and shortages where it lacks."""
