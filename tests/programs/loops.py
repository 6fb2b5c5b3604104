"""Loops of every form; prints one line."""


def total(numbers):
    result = 0  # @total
    for n in numbers:  # @for
        if n % 2:  # @if
            continue  # @continue
        result += n  # @add
    else:
        result += 100  # @else
    return result  # @total_return


def count_down(n):
    steps = 0  # @down
    while n > 0:  # @while
        n -= 1  # @dec
        steps += 1  # @steps
        if steps == 50:  # @enough
            break  # @break
    return steps  # @down_return


def grid(rows, columns):
    cells = []  # @grid
    for row in range(rows):  # @rows
        for column in range(columns):  # @columns
            cells.append((row, column))  # @cell
    return cells  # @grid_return


def squares(n):
    made = [  # @list
        k * k  # @element
        for k in range(n)  # @clause
    ]
    return sum(  # @sum
        k + 1  # @gen_element
        for k in made  # @gen_clause
    )


a = total([1, 2, 3, 4])  # @main
b = count_down(3)  # @second
c = len(grid(2, 3))  # @third
d = squares(4)  # @fourth
print(a, b, c, d)  # @last
