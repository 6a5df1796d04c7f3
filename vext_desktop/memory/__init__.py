"""The truth about memory: probes, cleanup with receipts, budget, pacing, warnings, verdict."""
