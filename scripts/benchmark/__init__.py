"""What scripts/bench measures: the product against a straight line, side by side."""
