"""Who the customer is to us: loyalty ID, price group, points and the wish how to be told."""
