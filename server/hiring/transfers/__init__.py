"""Transfers: candidates who come into a job from a file, and a job's candidates as a file.

A file is read aside by the worker, its columns are mapped and its rows checked before anything is written; then it is
imported in batches, and can be cancelled between two of them. Recruiters and above transfer; every member may see how
far an import is.
"""
