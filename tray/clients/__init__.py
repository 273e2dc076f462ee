"""Set-ups of the programs that people point at the endpoint."""
