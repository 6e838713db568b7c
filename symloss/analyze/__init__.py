"""Characteristics of a loss, proven or honestly marked as sampled."""
