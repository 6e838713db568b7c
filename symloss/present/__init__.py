"""Documents made from a loss; ``latex`` writes its formulas and derivations."""
