"""`handrail records`: the record on the command line, a file a command in `commands`."""
