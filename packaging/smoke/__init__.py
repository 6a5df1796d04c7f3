"""Tries the installed package where there is nothing else; `build.py smoke` is the way in."""
