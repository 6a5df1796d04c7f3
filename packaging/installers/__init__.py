"""How the installers of Vext Desktop are built; `packaging/build.py` is the way in."""
