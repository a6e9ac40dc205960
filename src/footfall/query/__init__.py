"""The way out: a question becomes SQL for the engine at hand, and its rows an answer."""
