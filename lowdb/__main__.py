"""`python -m lowdb …` is `lowdb …`."""

from lowdb.cli import main

if __name__ == "__main__":
    main()
