"""What the pages ask, one module for each noun: shape only, the rules are below."""
