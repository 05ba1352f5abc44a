"""What we sell: products and variants, prices, documents, what needs and what fits, search."""
