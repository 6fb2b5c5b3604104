# -*- coding: latin-1 -*-
"""Source in Latin-1: café."""


def grüße(name):
    text = "Grüße, " + name  # @greet
    return text  # @greet_return


print(len(grüße("Zoë")))  # @main
