"""The goods of Angelhaus Rhein: TOML files a retailer can read, and the module that reads them."""
