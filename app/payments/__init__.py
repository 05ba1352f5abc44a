"""Money that comes in and goes back, and the one door to Stripe."""
