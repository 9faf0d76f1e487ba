"""The API of Rubis Sur l'Ongle, and the command line that runs all its parts."""
