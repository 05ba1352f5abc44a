"""The demo retailer Angelhaus Rhein: its goods, its people, its pictures and the story player."""
