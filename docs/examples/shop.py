"""Prices the orders of a small shop and prints one invoice a line.

It has a fault: the shop owes a customer money at the end of the day. Which order, and why?

    lowdb docs/examples/shop.py
"""

import functools
import json
from dataclasses import dataclass, field

CATALOGUE = {"tea": 4.50, "kettle": 39.90, "cup": 7.25, "tray": 18.00}

ORDERS = """
{"id": 1001, "customer": "Ada",     "items": {"tea": 3, "cup": 2},              "coupon": null}
{"id": 1002, "customer": "Grace",   "items": {"kettle": 1},                     "coupon": "10%"}
{"id": 1003, "customer": "Edsger",  "items": {"tray": 2, "cup": 12},            "coupon": "0.05"}
{"id": 1004, "customer": "Barbara", "items": {"kettle": 2, "tea": 1, "cup": 4}, "coupon": "15"}
{"id": 1005, "customer": "Tony",    "items": {"tea": 30},                       "coupon": "welcome"}
{"id": 1006, "customer": "Ada",     "items": {"saucer": 2},                     "coupon": null}
"""


class PricingError(Exception):
    """An order that cannot be priced."""


@dataclass
class Order:
    id: int
    customer: str
    items: dict[str, int]
    coupon: str | None = None
    notes: list[str] = field(default_factory=list)

    def subtotal(self) -> float:
        return sum(line_price(product, count) for product, count in self.items.items())

    def total(self) -> float:
        amount = self.subtotal()
        if self.coupon:
            amount = apply_discount(amount, coupon_rate(self.coupon))
        return add_vat(amount)


@functools.lru_cache
def unit_price(product: str) -> float:
    try:
        return CATALOGUE[product]
    except KeyError:
        raise PricingError(f"no price for {product!r}") from None


def line_price(product: str, count: int) -> float:
    """Ten or more of one thing are a tenth cheaper."""
    price = unit_price(product) * count
    if count >= 10:
        price *= 0.9
    return price


def coupon_rate(coupon: str) -> float:
    """The share that a coupon takes off: "10%" and "0.1" are a tenth, a word is a twentieth."""
    if coupon.endswith("%"):
        return float(coupon[:-1]) / 100
    try:
        return float(coupon)
    except ValueError:
        return 0.05


def apply_discount(amount: float, rate: float) -> float:
    if rate < 0:
        raise PricingError(f"negative rate {rate}")
    cut = amount * rate
    result = amount - cut
    return round(result, 2)


def add_vat(amount: float, rate: float = 0.19) -> float:
    return round(amount * (1 + rate), 2)


def read_orders(text: str):
    for line in text.strip().splitlines():
        yield Order(**json.loads(line))


def main() -> None:
    income = 0.0
    for order in read_orders(ORDERS):
        try:
            total = order.total()
        except PricingError as error:
            print(f"{order.id}  {order.customer:<8}  refused: {error}")
            continue
        income += total
        print(f"{order.id}  {order.customer:<8} {total:>10.2f}")
    print(f"income today    {income:>10.2f}")


if __name__ == "__main__":
    main()
