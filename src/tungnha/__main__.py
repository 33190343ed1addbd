"""`python -m tungnha` is the `tungnha` command."""

from tungnha.cli import main

main()
