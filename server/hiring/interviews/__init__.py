"""Interviews: questions answered on camera, by sound, in writing or with a file.

A candidate begins a take, sends it to a recorder, watches it and keeps it or tries again; the kept take is the answer.
When every question has one the answers are handed in, and stay replaceable until somebody of the team looks. The team
sees answers, never the takes that were not kept. Job videos are recorded by the same way.
"""
