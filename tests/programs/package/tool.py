"""Run with -m package.tool, or imported."""


def tell():
    words = ["told", "by", __name__]  # @tell
    return " ".join(words)  # @tell_return


if __name__ == "__main__":
    print(tell())  # @main
