def answer():
    return 42  # @answer
