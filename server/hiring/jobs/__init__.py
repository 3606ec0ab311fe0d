"""Jobs: a posting with its description, its questions and its job video.

A job is drafted, opened and closed. While it is open anybody with its link may read it and apply. Members read all
jobs of their workspace; recruiters edit. Questions that somebody has answered are retired instead of deleted.
"""
