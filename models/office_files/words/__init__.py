"""Words that stand for something: no problem, nobody, an end, a number before a text."""
