"""What tills ask for: documents with their goods and money, drawers, the catalog, the reader."""
