"""What we sell: products and their variants, prices, documents, what needs and what fits, search."""
