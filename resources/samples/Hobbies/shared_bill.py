"""Split the costs of a holiday flat between friends, so that few transfers are needed."""

from collections.abc import Mapping


def split_bill(paid: Mapping[str, float]) -> list[tuple[str, str, float]]:
    """Who has to give how much to whom.

    Args:
        paid: What each person has paid so far, by name. Everybody shares all costs equally.

    Returns:
        Transfers (from, to, amount). Whoever owes most pays whoever is owed most, until
        everybody is even; that takes at most one transfer fewer than there are people.
    """
    share = sum(paid.values()) / len(paid)
    balance = {name: round(amount - share, 2) for name, amount in paid.items()}
    transfers = []
    while any(abs(value) >= 0.01 for value in balance.values()):
        debtor = min(balance, key=lambda name: balance[name])
        creditor = max(balance, key=lambda name: balance[name])
        amount = round(min(-balance[debtor], balance[creditor]), 2)
        if amount < 0.01:
            break  # what is left over are fractions of a cent
        balance[debtor] = round(balance[debtor] + amount, 2)
        balance[creditor] = round(balance[creditor] - amount, 2)
        transfers.append((debtor, creditor, amount))
    return transfers


if __name__ == "__main__":
    for debtor, creditor, amount in split_bill({"Ana": 310.0, "Ben": 45.5, "Chidi": 0.0}):
        print(f"{debtor} gives {creditor} {amount:.2f}")
