"""Meetings: appointments of the team with one candidate about one application.

A meeting is planned, changed as often as it takes, and perhaps called off; each time the candidate is told at once, in
the conversation and by mail. Whoever moves candidates plans meetings; everybody on the team sees them. The candidate
sees what, when, where and with whom, never who arranged it. What it is about is a title; it ends by itself, in time.
"""
