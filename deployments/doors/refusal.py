"""A request that is not served, told to whoever sent it."""


class RequestRefused(Exception):
    """A request that is not served: its HTTP status, `what` happened, and the `remedy`."""

    def __init__(self, status: int, what: str, remedy: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(what)
        self.status, self.what, self.remedy, self.headers = status, what, remedy, headers or {}
