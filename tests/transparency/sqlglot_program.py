"""A third-party program of real size at work: parses, optimises and writes SQL; the results go to the file named."""

import sys

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.optimizer import optimize
from sqlglot.optimizer.scope import build_scope

SCHEMA = {
    "orders": {"id": "INT", "customer": "INT", "amount": "DOUBLE", "day": "DATE"},
    "customers": {"id": "INT", "name": "VARCHAR", "city": "VARCHAR"},
}
QUERIES = [
    """SELECT c.name, SUM(o.amount) AS total FROM orders AS o JOIN customers AS c ON c.id = o.customer
       WHERE o.day >= DATE '2024-01-01' AND NOT (c.city = 'Oslo' OR 1 = 2)
       GROUP BY c.name HAVING SUM(o.amount) > 10 * 2""",
    """WITH big AS (SELECT customer, amount FROM orders WHERE amount > 100)
       SELECT name FROM customers WHERE id IN (SELECT customer FROM big) ORDER BY name LIMIT 5""",
    """SELECT id, ROW_NUMBER() OVER (PARTITION BY customer ORDER BY day DESC) AS n,
       CASE WHEN amount > 10 THEN 'big' ELSE 'small' END AS size FROM orders""",
    "SELECT id FROM orders UNION ALL SELECT id FROM customers",
]
BROKEN = ["SELECT FROM WHERE", "SELECT (1", "INSERT INTO", "SELECT 'a"]


def work(rounds: int) -> list[str]:
    lines = []
    for _ in range(rounds):
        for query in QUERIES:
            tree = sqlglot.parse_one(query)
            for dialect in ("duckdb", "bigquery", "mysql", "snowflake", "tsql"):
                lines.append(tree.sql(dialect=dialect))
            lines.append(optimize(query, schema=SCHEMA).sql(pretty=True))
            lines.append(repr(sorted({column.name for column in tree.find_all(exp.Column)})))
            scope = build_scope(tree)
            lines.append(repr([type(scope).__name__ for scope in (scope.traverse() if scope else ())]))
        for text in BROKEN:
            try:
                lines.append(sqlglot.parse_one(text).sql())
            except (ParseError, sqlglot.errors.TokenError) as error:
                lines.append(f"{type(error).__name__}: {error}")
    return lines


if __name__ == "__main__":
    result = work(int(sys.argv[2]))
    result.append(f"tool {sys.monitoring.get_tool(0)}" if "tool" in sys.argv else "")
    with open(sys.argv[1], "w") as file:
        file.write("\n".join(result))
    breakpoint()
