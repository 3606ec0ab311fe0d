"""A job's candidates as a list: found by their words, sorted, with the columns that somebody wants, kept as views.

It stands above all that it shows, and adds to what boards can be narrowed to. All members read it.
"""
