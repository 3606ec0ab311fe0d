"""Flow: the stages of a job, which are the columns of its board.

A new job gets the default flow. Members read it; what a stage means follows from its kind, never from its name.
"""
