"""A REST ministry for the tutorial: a simulator only."""
