"""Data that changes: a local, an attribute, a global, an item; by functions, threads and tasks."""

import asyncio
import threading

count = 0


class Account:
    def __init__(self, balance):
        self.balance = balance

    @property
    def rich(self):
        return self.balance > 100

    def pay(self, amount):
        self.balance -= amount  # @pay
        return self.balance  # @paid


def total(prices):
    due = 0
    seen = []  # @begin
    for price in prices:
        due += price  # @add
        seen.append(price)  # @append
    return due  # @return


def bump(times):
    global count
    for _ in range(times):
        count += 1  # @bump
        times -= 1  # @after_bump


async def charge(account, times):
    for _ in range(times):
        await asyncio.sleep(0)
        account.pay(1)
    return account.balance


async def main(account):
    await asyncio.gather(charge(account, 1), charge(account, 1))


account, other = Account(200), Account(1)
table = {"cup": 3, "pot": 9}
total([3, 9])  # @calls
other.pay(1)
account.pay(150)
thread = threading.Thread(target=bump, args=(2,), name="bumper")
thread.start()
thread.join()
asyncio.run(main(account))
table["pot"] = 10  # @item
print("done", count, account.balance)  # @done
