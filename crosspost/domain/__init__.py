"""The nouns of crosspost. Standard library only: no clock, no input, no output.

One chain runs through the product and the modules follow it:
article → teaser → delivery → post → click / reading → lead → client → audit → report.
"""
