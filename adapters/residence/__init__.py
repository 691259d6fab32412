"""Residence (thường trú): a simulated REST partner, a step after a birth; its adapter is configuration."""
