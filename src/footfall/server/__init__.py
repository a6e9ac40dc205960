"""The composition root: settings, the application and what it is made of."""
