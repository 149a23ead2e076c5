"""Notices: what mails say, in the product's language.

Reads the store and speaks; it sends nothing and knows no mail server. The pages show
with it what a mail will say.
"""
