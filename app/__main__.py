"""What `handrail` and `python -m app` start: the command line, loaded without a look for garbage.

Loading makes hundreds of thousands of objects, all of which stay. To look through them again and again for
what does not is a fifth of the CPU of each start, and was 0.6 s of each end, a stop of a service included.
"""

import gc
import sys


def main() -> int:
    """Run the command of this process and return its exit status."""
    gc.disable()
    try:
        from app import cli  # noqa: PLC0415 (what is imported above is looked through)
    finally:
        gc.enable()
    gc.freeze()
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
