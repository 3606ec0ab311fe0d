"""Applications: a candidate in a job, one card on its board.

An application is made on the public page, moves through the job's stages by its answers and by the team, and is ordered
within a stage by the server. Members of the workspace see it whole, its candidate sees their own place.
"""
