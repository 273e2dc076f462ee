"""Changing some members of a settings file, and nothing else of it. One format a file."""
