"""Notifications: the bell of each member. It listens to events; nothing imports it.

A notice is written by the worker for every member it concerns, travels on that member's own topic, and is read in all
of their tabs at once.
"""
