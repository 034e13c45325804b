"""`python -m lustrum.cli` is the command `lustrum`."""

from lustrum.cli.app import main

if __name__ == "__main__":
    main()
