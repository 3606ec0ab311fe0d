"""Workspaces: accounts, members, and the doors: set-up, sign-in, invitation, password reset.

An account is a person with an e-mail and a password; a member is an account in one workspace, with a role. A browser is
signed in by a cookie whose token is stored hashed and can be revoked. Members of a workspace see each other; nobody
sees another workspace. The last owner cannot leave.
"""
