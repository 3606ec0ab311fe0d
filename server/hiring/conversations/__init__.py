"""Conversations: the two threads beside an answer, which cannot be confused.

Team notes live in their own table and travel on `application:` only. Messages are between the team and one candidate
and travel on `conversation:`. A reviewer writes notes; recruiters and up also write to candidates.
"""
