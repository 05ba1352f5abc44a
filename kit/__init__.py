"""Small foundations. Nothing in here knows what a product, a parcel or a customer is."""
