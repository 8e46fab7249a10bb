"""The catalogues of every locale but English, whose texts are in the code."""
