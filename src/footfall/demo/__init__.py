"""Made-up traffic that looks like a real site's: for the demo, tests and benchmarks."""
