"""`python -m app.demo`: what `make run` calls."""

import sys

from app.demo.tour import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
