"""Reading files that strangers made: sniffed, opened in a child process, cleaned, never trusted."""
