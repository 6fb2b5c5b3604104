

def never_called():


    # a comment
    """a docstring?  no: an expression"""

    return 1  # @only


x = """
text
"""  # @end_of_text
if x:  # @if

    y = (  # @assign
        1 +  # @inside
        2
    )
else:
    y = 0  # @not_taken
print(y)  # @last
