"""Flow: the stages of a job, which are the columns of its board, and what each of them asks and does.

A new job gets the first of the shipped templates. Recruiters redesign the whole flow at once, people are never left
without a stage; members read it. What a stage means follows from its kind, never from its name.
"""
