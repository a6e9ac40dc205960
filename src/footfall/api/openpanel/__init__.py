"""OpenPanel's HTTP APIs (contracts/openpanel.md)."""
