"""Devices: kinds in lower case, as stored, and as shown (openpanel contract, D9)."""

SPECIAL_NAMES = {"smarttv": "SmartTV", "xr": "XR"}
"""Those that are not just written with a capital."""


def device_kind(text: str) -> str:
    """`desktop` of `Desktop`: a kind in any case as it is stored."""
    return text.lower()


def device_name(kind: str) -> str:
    """`Desktop` of `desktop`; '' of ''."""
    return SPECIAL_NAMES.get(kind, kind[:1].upper() + kind[1:])
