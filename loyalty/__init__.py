"""Who the customer is to us: the loyalty ID, its price group, points and the wish how to be told."""
