"""Views: the ways in which a text is read before checks look at it.

A card number in full-width digits, a denied word with a zero-width space in it and a key in base64 are what
they are for whoever reads them. So checks are asked about more than the text as it stands. What they find in
a view is reported where it stands in the original: nobody outside of the engine ever sees a view, and none is
ever sent on.

Every check says which views it wants (`Check.views`). A check about the form of a text (its length, its JSON)
wants it as it stands; a check about what a text says wants all.
"""

import enum


class View(enum.StrEnum):
    """One way to read a text."""

    RAW = "raw"
    """As it stands."""
    FOLDED = "folded"
    """As a person sees it: look-alikes and compatibility forms as what they look like, nothing invisible."""
    DECODED = "decoded"
    """What is encoded in it (base64, hex, URL escapes, tag characters), each payload as a text of its own."""
    NAMED = "named"
    """As it stands behind its name in JSON: `"password": "..."` tells what the value alone does not."""


AS_IT_STANDS = frozenset({View.RAW})
"""For checks about the form of a text."""
AS_IT_IS_READ = frozenset({View.RAW, View.FOLDED, View.DECODED})
"""For checks about what a text says."""
AS_IT_IS_NAMED = AS_IT_IS_READ | {View.NAMED}
"""For checks that know a value by the words before it."""
