"""Documents made from a loss."""
