"""What is on its way in: purchase orders, transfers between locations, what is due when."""
