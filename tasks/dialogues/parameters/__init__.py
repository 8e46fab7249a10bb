"""What an operator enters before a flow runs. `Refused` names what is no day, word or number."""
