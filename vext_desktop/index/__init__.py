"""The story of a run: ledger, store, the batch loop, search."""
