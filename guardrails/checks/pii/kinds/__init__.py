"""The kinds of identifiers, as rows of data: by part of the world, and those of no country."""
