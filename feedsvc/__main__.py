"""``python -m feedsvc`` is the same command as ``feedsvc``."""

from feedsvc.cli import main

if __name__ == "__main__":
    main()
