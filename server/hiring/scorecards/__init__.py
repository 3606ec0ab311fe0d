"""Scorecards: what each member thinks of an application, by the criteria of its job.

A scorecard is a draft that its author alone sees until it is submitted; then the team reads it, and the application's
score is the average of all that are submitted. It can be taken back to be changed. Who is to review an application and
has not submitted a scorecard of theirs sees neither its score nor what others said, so that nobody repeats anybody.
Candidates never see any of it.
"""
