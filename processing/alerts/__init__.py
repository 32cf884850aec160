"""Algorithms: rules of alerts, raising alerts, and acknowledging them."""
