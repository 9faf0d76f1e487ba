"""The Procrastinate worker of Rubis Sur l'Ongle: it sends mail and calls stored functions."""
