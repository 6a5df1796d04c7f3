"""From settings to working parts: what the engine is composed of, each made in one place."""
