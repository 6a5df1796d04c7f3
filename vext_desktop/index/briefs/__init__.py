"""Briefs: of each full volume what a search compares, in one file that is read piece by piece."""
