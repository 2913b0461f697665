"""The command line and the service: where everything is wired."""
