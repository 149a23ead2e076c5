"""Installs the packages for real, in roots of their own; packaging/test plays it.

rooms: __main__ (the command), build (packages and roots, with the network), inside
(one package's life, without a network), deb and rpm (the steps), house (what both
do there: message, pages, database), root (a system in a directory), steps (table).
"""
