"""The Analytics Platform API v2 (platform-v2 contract)."""
