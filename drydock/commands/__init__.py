"""One module per command: verbs that return values and print nothing."""
