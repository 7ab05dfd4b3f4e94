"""The README taken apart: its blocks of code, and those of them that are files."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
FILES = {
    name[1]: text for _, text in BLOCKS if (name := re.match(r"# ([\w-]+\.(?:py|yaml))\n", text)) is not None
}
"""Blocks that are files: their first line is a comment with the name."""
