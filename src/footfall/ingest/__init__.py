"""The way in: accept → identify → journal ⇒ enrich → sessionize → store."""
