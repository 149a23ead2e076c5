"""A GSM modem on a pseudo-terminal, for tests and for showing.

Written from 3GPP 27.005, 27.007 and 23.040 and from what sticks really do; it
shares nothing with the service's own session and codec.
"""
