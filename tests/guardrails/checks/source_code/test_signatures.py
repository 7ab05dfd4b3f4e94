"""Lines that only code has, and prose that looks alike."""

import pytest

from guardrails.checks.source_code.languages import LANGUAGES
from guardrails.checks.source_code.signatures import code_lines, language_of, languages_told

SAMPLES = {
    "python": "def area(radius: float) -> float:\n    return 3 * radius\n\nprint(area(2))",
    "javascript": "const area = (r) => {\n  return 3 * r;\n};\nconsole.log(area(2));",
    "typescript": "interface Shape {\n  radius: number;\n}\nconst area: number = 3;",
    "java": "public class Area {\n  public static void main(String[] a) {\n    System.out.println(3);\n  }",
    "csharp": "using System;\nnamespace Shapes\n{\n    Console.WriteLine(3);\n}",
    "c": '#include <stdio.h>\nint main(void) {\n  printf("3");\n}',
    "cpp": "#include <iostream>\nint main() {\n  std::cout << 3;\n}\nusing namespace std;",
    "go": "package main\n\nfunc main() {\n\tr := 2\n\tfmt.Println(r)\n}",
    "rust": 'fn main() {\n    let mut r = 2;\n    println!("{}", r);\n}',
    "php": "<?php\n$radius = 2;\necho $radius;",
    "ruby": "require 'json'\nshapes.each do |shape|\n  puts shape\nend",
    "kotlin": "fun main() {\n}\ndata class Shape(val r: Int)",
    "swift": "import SwiftUI\nfunc area(r: Double) -> Double {\n}",
    "scala": "object Area {\n  def area(r: Int): Int = 3 * r\n}",
    "perl": "use strict;\nmy $r = 2;\nsub area {\n}",
    "r": "library(dplyr)\narea <- function(r) 3 * r",
    "sql": "SELECT name, radius FROM shapes WHERE radius > 2;",
    "shell": "#!/bin/bash\nsudo apt-get install -y curl\nexport HOME_DIR=/tmp",
    "powershell": "Get-ChildItem -Path C:\\",
    "html": "<!DOCTYPE html>\n<html lang='en'>\n<body>\n</body>",
    "xml": '<?xml version="1.0"?>\n<a/>',
    "css": ".shape {\n  color: red;\n}",
    "dockerfile": "FROM python:3.11-slim\nRUN pip install x",
    "json": '{"radius": [1, 2]}',
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_block_tells_its_language(name: str) -> None:
    assert language_of(SAMPLES[name]) == name


def test_every_language_that_lines_tell_is_known_and_tried() -> None:
    assert set(languages_told()) <= set(LANGUAGES)
    assert set(languages_told()) == set(SAMPLES) - {"json"}


def test_a_line_has_its_place_without_its_indentation() -> None:
    text = "é\n   def f(x):  \nwords"
    assert [(name, text[start:end]) for name, start, end in code_lines(text)] == [("python", "def f(x):")]


@pytest.mark.parametrize(
    "prose",
    [
        *("import duty", "Import duties as follows:", "from Paris import taxes rise", "class reunion:"),
        *(
            "Select a plan from the list",
            "select items from the menu",
            "Update your profile and set a photo.",
        ),
        *("let x = 5", "Let x be a number.", "if you wish, then do", "for those in need:", "def. of a word:"),
        *(
            "package delivered",
            "use strict rules;",
            "echo chamber",
            "print (2nd edition)",
            "Delete from the list.",
        ),
        *(
            "a <- b",
            "The color: red; the size: 5;",
            "public void in the budget",
            "func town {",
            "return it, please;",
        ),
        *(
            "docker run is a command.",
            "You can pip install it.",
            "export it to PDF=yes",
            "$5 = five dollars;",
        ),
        *(
            "except on Mondays:",
            "Create a table for two; drop it.",
            "FROM the desk of Jane",
            "1 <2> 3",
            "R: ok",
        ),
        *(
            "Dear std, hello",
            "#1 include this",
            "#hashtag life",
            "- item: value;",
            "Note: this; that;",
            "{a} => {b",
        ),
    ],
)
def test_prose_is_no_code(prose: str) -> None:
    assert code_lines(prose) == []
