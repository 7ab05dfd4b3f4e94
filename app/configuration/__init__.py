"""From the text of `handrail.yaml` to typed settings; the types themselves are in `app/settings.py`.

    text -> yaml_tree -> environment -> conversion -> rules -> Configuration (reader)

Every step collects what is wrong with the file instead of stopping at it, so that one look at the file
can mend it all.
"""
