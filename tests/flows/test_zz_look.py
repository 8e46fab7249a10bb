from deployments.automations import set_up_automations
from support.office import Office
from support.office.days import working_day
from support.programs.browser import browser, open_page
from support.waiting import wait_for


def test_look(office: Office) -> None:
    project_id, _item = office.stall(working_day(-3))
    form = office.visit_asked(project_id)
    office.visit(form)
    office.sweep(working_day(0))
    wait_for(lambda: len(office.events(f"luodi.project.{project_id}")) >= 5, "events")
    with office.client() as client:
        set_up_automations(client)
    base = office.api.removesuffix("/api")
    with browser() as b:
        page = open_page(b)
        for n, path in enumerate(
            [
                f"/events?resource=luodi.project.{project_id}",
                f"/v2/events?resource=luodi.project.{project_id}",
                f"/events?resource=luodi.project.{project_id}&rangeType=span&seconds=-31536000",
                "/automations",
                "/v2/automations",
                f"/v2/events?resources=luodi.project.{project_id}",
            ]
        ):
            page.goto(base + path)
            page.wait_for_timeout(4000)
            page.screenshot(path=f"/tmp/luodi/i14/look_ev{n}.png")
            print(page.url)
    ev = office.events(f"luodi.project.{project_id}")[-1]
    print(ev)
