"""One client a file: what its set-up says, and where it belongs."""
