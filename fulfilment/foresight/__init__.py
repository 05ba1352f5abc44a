"""Looking ahead: how much will be asked for, and what stock is worth until then."""
