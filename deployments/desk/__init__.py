"""The desk: the small web page where files come and go, beside the Prefect UI."""
