"""`python -m dashboards.generator`: write what is generated; with `--check` only say what is not current."""

import sys

from dashboards.generator.files import FOLDER, files


def main(arguments: list[str]) -> int:
    """Write or check; return 1 if something was to be written and only a check was asked for."""
    stale = [
        (path, text)
        for path, text in files().items()
        if not (FOLDER / path).is_file() or (FOLDER / path).read_text(encoding="utf-8") != text
    ]
    for path, text in stale:
        if "--check" not in arguments:
            (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
            (FOLDER / path).write_text(text, encoding="utf-8")
        sys.stdout.write(f"dashboards/{path}\n")
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
