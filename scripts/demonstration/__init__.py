"""The demo: a private house of massivesms, a campaign through it, and the count.

place      the directory, what is kept in it, one demo at a time
processes  the children: how they start, end, and are looked after
house      the database, simulator, web and service, and the real command line
sample     who must get what, read from the sample file without our own code
arrivals   what arrived, held against what was to be sent
show       what the person in front of it sees
__main__   the order of it all, and the exit status
"""
