"""What to offer beside a basket: links, rules and what people really buy together."""
