"""Reads the docs as what they are: fenced code blocks, headings and links of Markdown files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from patzta.settings import ROOT

PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))


@dataclass(frozen=True)
class Block:
    """A code block: its file, the line on which it begins, its language and its text."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, those in lists without their indent."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^( *)```(\w*)\n(.*?)^ *```$", text, re.M | re.S):
        indent, language, inside = found.groups()
        yield Block(page, text[: found.start()].count("\n") + 1, language, re.sub(f"^{indent}", "", inside, flags=re.M))


def without_blocks(page: Path) -> str:
    """The page's text without its fenced blocks."""
    return re.sub(r"^( *)```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def anchors(page: Path) -> set[str]:
    """What a link to one of the page's headings may say, as GitHub makes it."""
    heads = re.findall(r"^#+ (.*)$", without_blocks(page), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
