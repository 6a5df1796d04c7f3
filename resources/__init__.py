"""Icons, themes and sample documents: read with `importlib.resources`, installed as a package."""
