"""The desk: the small web site beside the Prefect UI where files come and go."""
