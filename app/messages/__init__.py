"""What we tell people: mails and calls, rendered from facts."""
