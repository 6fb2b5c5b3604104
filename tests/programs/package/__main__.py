"""python -m package"""

import sys

from package.tool import tell

print(tell(), sys.argv[1:], __spec__.name, __package__)  # @main
