"""Profiles: a person across all jobs of the workspace, with contact, tags, fields, files and one timeline.

A profile begins with the first application, and grows by what the team writes down. Every member sees it whole;
recruiters and above change it; its candidate sees nothing of it.
"""
