"""The way out for whole data sets: files of events for other tools."""
