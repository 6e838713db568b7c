"""symloss: a loss is declared once, as a SymPy expression, and everything else is derived from it."""
