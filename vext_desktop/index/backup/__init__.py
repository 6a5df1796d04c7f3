"""The index as one file: written while the program works, and brought back on another machine."""
