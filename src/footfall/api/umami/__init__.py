"""Umami's API: its clients, scripts and dashboards on Footfall's data (umami contract)."""
