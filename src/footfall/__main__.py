"""`python -m footfall` is the `footfall` command."""

from footfall.cli.main import main

main()
