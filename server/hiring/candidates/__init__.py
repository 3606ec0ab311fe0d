"""Candidates: people who apply, and the personal links by which they come back without an account.

A link's token is exchanged by POST for a cookie that is valid below the path of one application only; tokens are stored
hashed. Members see the candidates of their workspace; a candidate sees their own place and nothing else.
"""
