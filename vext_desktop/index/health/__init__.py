"""Is a data folder well, and what can be made good again of one that is not."""
