"""The other side of automatic loads: databases, directories and addresses.

Reads and never writes there. Knows nothing of our own database; what is read comes
out as rows of text, and what went wrong as SourceFailed with words for a person.
"""
