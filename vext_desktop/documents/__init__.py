"""Files become sections, sections become chunks; hostile files are read in a child process."""
