"""How well articles are read and filed: labelled articles, figures, a gate (docs/reading.md)."""
