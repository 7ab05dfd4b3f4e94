"""Portkey's built-in checks, by their ids and parameters: `default.contains`, `default.regexMatch`, ...

Each gives a verdict, true or false, and a finding where that is false. Parameters and rules of verdicts are
those of Portkey's open gateway (`plugins/default`, 1.15, read in 2026), and where these are broken they are
mended:

- Portkey reads the last message of a request and the first choice of an answer, never earlier messages, tool
  calls or thoughts. Here what must not be said must not be said anywhere; what must be there is asked of the
  last message and of every choice.
- A parameter that is missing or wrong is an error when the configuration is loaded, not a check that passes.
- Patterns are RE2's: linear time, without look-around and back-references.
- JSON is found however deep it nests; fences may have any tag or none.
- Streams are checked like whole answers: they are held until the verdict is known.
"""
