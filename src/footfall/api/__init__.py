"""The dialects: parse, ask, shape. No SQL and no business rule."""
