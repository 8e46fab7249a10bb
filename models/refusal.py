class Refused(ValueError):
    """The rules do not accept an answer or a row; the text says why and what to do."""
