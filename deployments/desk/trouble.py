"""What can be wrong with a request, told so that whoever sent it knows what to do."""


class Trouble(Exception):
    """A request that is not served: the status says which kind, `what` what happened, `remedy` what to do."""

    def __init__(self, status: int, what: str, remedy: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(what)
        self.status, self.what, self.remedy, self.headers = status, what, remedy, headers or {}
