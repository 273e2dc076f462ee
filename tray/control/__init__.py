"""One app a user: the lock that says so, and the channel by which the command line speaks to it."""
