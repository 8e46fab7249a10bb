"""Addresses of the runs list that show what waits.

Prefect's page keeps saved filters in each browser and none on its server: none can be registered.
It opens with the runs of one week, while these wait for years.
"""

from urllib.parse import urlencode

from prefect.settings import PREFECT_UI_URL

from models.i18n import gettext as _
from models.words import Role


def waiting_lists() -> list[tuple[str, str]]:
    """Title and address of each; none where Prefect's page has no address."""
    ui = (PREFECT_UI_URL.value() or "").rstrip("/")
    lists = {
        _("All that waits"): {},
        _("What waits for responsible leaders"): {"tags": Role.LEADER.label},
        _("What waits for the inspection office"): {"tags": Role.INSPECTOR.label},
    }
    return [(title, f"{ui}/v2/runs?{urlencode({'state': 'Suspended', **tags})}") for title, tags in lists.items() if ui]
