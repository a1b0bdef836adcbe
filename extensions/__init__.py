"""Residents: what is expensive to make and survives a reload of the cogs."""
