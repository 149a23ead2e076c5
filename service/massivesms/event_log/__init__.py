"""The event log: one file a day, written by the service and by the pages.

writing   a logging handler; files   which there are; reading   the end of one
"""
