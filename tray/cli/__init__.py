"""The command line's verbs, one a file. Each prints, and returns an exit code."""
