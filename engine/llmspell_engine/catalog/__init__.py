"""The compiled declaration of the script API: ``catalog.json``, its frozen model and its loader."""
