"""One file per story; the only place that joins the domains."""
