"""What crosses jobs: home (what needs a member now), finding by name from everywhere, and the list of all candidates.

It only reads, and nothing imports it. Members see every job of their workspace, so they see all of this; what is
theirs alone (mentions, what they have not seen) is asked for by their own id.
"""
