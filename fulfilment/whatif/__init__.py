"""What would orders have cost under other rules: replays that touch nothing (docs/rules.md)."""
