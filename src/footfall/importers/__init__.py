"""Ways in for history: access logs and rows of events, as records for the journal and the store."""
