"""Devices: kinds in lower case, as stored, and as shown (openpanel contract, D9)."""

_SPECIAL = {"smarttv": "SmartTV", "xr": "XR"}


def device_name(kind: str) -> str:
    """`Desktop` of `desktop`; '' of ''."""
    return _SPECIAL.get(kind, kind[:1].upper() + kind[1:])
