"""What the program can tell about itself: versions, licences, diagnostics, newer releases."""
