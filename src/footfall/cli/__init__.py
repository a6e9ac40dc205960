"""The command line. `main.py` is the way in; each group of commands has a module."""
