"""Money: an amount as people write it (major units) and as it is stored (an integer of minor units).

How many decimals a currency has: ISO 4217; what it does not know has two.
"""

from decimal import ROUND_HALF_UP, Decimal

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_DECIMALS = {code: number for codes, number in ((_NONE, 0), (_THREE, 3), (_FOUR, 4)) for code in codes.split()}

MAX_MINOR_UNITS = 2**53
"""More minor units than there is money; what JSON can say exactly."""


def decimals(currency: str) -> int:
    """How many decimals amounts of this currency have; the code in upper case."""
    return _DECIMALS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """The minor units of an amount in major units, half a unit rounded away from 0; at most MAX_MINOR_UNITS."""
    most = Decimal(MAX_MINOR_UNITS)
    # Cut before and after: Decimal can read more than it can multiply.
    units = min(min(amount, most).scaleb(decimals(currency)), most)
    return int(units.quantize(Decimal(1), ROUND_HALF_UP))


def to_major(units: int, currency: str) -> float:
    """The amount in major units."""
    return float(Decimal(units).scaleb(-decimals(currency)))
