"""A directory (or, zipped, an archive) that is run as a whole."""

import sys

import inner

print(inner.answer(), len(sys.argv))  # @main
