"""Where events live: one interface, an embedded engine and a clustered one."""
