"""Activity: what happened in a job, from the record of events, and taking back what can be taken back.

Whatever the team does is an event; the list is read from these, newest first, and holds nothing of its own. A move, or
what was done to many candidates, can be taken back for as long as nobody changed it since, by whoever may do such a
thing at all. Every member sees the list.
"""
