"""`python -m drydock`: the same as the `drydock` command."""

from drydock.program import main

if __name__ == "__main__":
    main()
