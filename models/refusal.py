"""How a rule says no."""


class Refused(ValueError):
    """An answer or a row that the rules do not accept; its text tells the person why and what to do."""
