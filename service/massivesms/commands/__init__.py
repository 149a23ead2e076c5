"""The command line: one file for each noun, over the same functions as the pages."""
