"""A simulated REST ministry (``driver_licence``): the other side, for the demo and for tests."""
