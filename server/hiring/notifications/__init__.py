"""Notifications: the bell of each member. It listens to events; nothing imports it.

A notice is written by the worker for every member it concerns, travels on that member's own topic, and is read in all
of their tabs at once; after 90 days it goes. Nobody is told of what they did themselves. A job that somebody muted
writes no notice for them, unless somebody waits for them (`rules.LOUD`): what is quiet is not piled up for later. A
bell is for its member alone.
"""
