"""How stored values are shown: countries in full, by their English names (D8), devices with a capital (D9)."""

from footfall.model.countries import country_name
from footfall.model.devices import device_name


def shown(name: str, value: str) -> str:
    """A value of the column or dimension of that name, or of a field of that kind."""
    if name == "country":
        return country_name(value)
    return device_name(value) if name == "device" else value
