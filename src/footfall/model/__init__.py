"""The words every layer speaks: frozen structs, no I/O."""
