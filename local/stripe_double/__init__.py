"""A model of Stripe to click and test against. It is not Stripe, and says so on every reply.

The official client talks to it over HTTP (`base_addresses={"api": ...}`), the browser pays on
its hosted page, and it sends signed webhooks. It knows the part of the API that a shop with
Checkout, refunds and card readers needs; what it does not know it refuses instead of
pretending. Each module names the page of Stripe's documentation it follows.
"""
