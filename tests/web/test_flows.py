"""A day's work in two windows on two replicas behind nginx, by mouse, by keyboard alone, and by touch."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser, expect

from tests.cast import ALICE, BOB
from tests.clients import ok
from tests.deploy.nginx import Nginx
from tests.servers import wait_until
from tests.web.chromium import new_context
from tests.web.conftest import Team, Window
from tests.web.desk import Desk, Seat
from tests.web.hands import Keyboard, Mouse, Touch

pytestmark = pytest.mark.browser

Hands = Mouse | Keyboard | Touch


class Site:
    """Two replicas behind nginx with the files of deploy/."""

    def __init__(self, team: Team, nginx: Nginx) -> None:
        self.team = team
        self.nginx = nginx
        self.url = f"http://127.0.0.1:{nginx.port}"

    def only(self, replica: int | None) -> None:
        """New connections go to that replica alone; None: to both. Those that there are stay."""
        ports = [each.port for each in self.team.replicas]
        self.nginx.tell(down=[] if replica is None else [port for at, port in enumerate(ports) if at != replica])


@pytest.fixture(scope="module")
def nginx(servers: Team, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    ports = [each.port for each in servers.replicas]
    with Nginx(tmp_path_factory.mktemp("nginx"), "http.conf", ports) as nginx:
        yield nginx


@pytest.fixture
def site(team: Team, nginx: Nginx) -> Site:
    return Site(team, nginx)


@contextmanager
def two_lists(team: Team) -> Iterator[tuple[str, str]]:
    """A list with a section, and one beside it. They go afterwards: others look for theirs by these names."""
    alice = team.sessions["alice"]
    party, garden = team.new_list("Party", "Bread", "Milk", "Salad", "Candles"), team.new_list("Garden", "Roses")
    drinks = ok(alice.post("/api/sections", json={"list": party, "name": "Drinks"}))["id"]
    ok(alice.post("/api/tasks", json={"list": party, "title": "Tea", "section": drinks}))
    try:
        yield party, garden
    finally:
        for task_list in (party, garden):
            alice.delete(f"/api/lists/{task_list}").raise_for_status()


@contextmanager
def two_windows(site: Site, browser: Browser, hands: type[Hands], task_list: str) -> Iterator[list[Seat]]:
    """Alice's on the first replica, Bob's on the second."""
    with ExitStack() as stack:
        seats = []
        for replica, person in enumerate((ALICE, BOB)):
            context = stack.enter_context(new_context(browser, **hands.options))
            seat = Seat(Window(context, site.url, person, site.team.passes))
            site.only(replica)
            seat.window.enter()
            seat.open(task_list)
            seats.append(seat)
        site.only(None)
        yield seats
        assert [seat.window.complaints for seat in seats] == [[], []]


@pytest.mark.parametrize("hands", [Mouse, Keyboard, Touch])
def test_a_days_work(site: Site, browser: Browser, hands: type[Hands]):
    """After each step both windows and the database have the same tasks, in the same places."""
    team = site.team
    with two_lists(team) as (party, garden), two_windows(site, browser, hands, party) as seats:
        desk = Desk(team.sessions["alice"], party, *seats)
        work(site, desk, hands, garden)


def work(site: Site, desk: Desk, hands: type[Hands], garden: str) -> None:
    agree = desk.agree
    seats = [desk.alice, desk.bob]
    windows = [seat.window for seat in seats]
    alice, bob = (hands(window) for window in windows)
    desk.check_replicas()
    agree("Bread", "Milk", "Salad", "Candles", "# Drinks", "Tea")

    alice.add("Water every day !high *home")
    water = "Water !high *home @~"
    agree("Bread", "Milk", "Salad", "Candles", water, "# Drinks", "Tea")

    bob.lift("Milk")
    agree("Milk", "Bread", "Salad", "Candles", water, "# Drinks", "Tea")
    alice.put("Water", "Drinks")
    agree("Milk", "Bread", "Salad", "Candles", "# Drinks", water, "Tea")
    bob.send("Candles", garden)
    agree("Milk", "Bread", "Salad", "# Drinks", water, "Tea")
    assert desk.stored(garden) == ["Roses", "Candles"]

    bob.complete("Water")
    agree("Milk", "Bread", "Salad", "# Drinks", water, "Tea", "+1")

    alice.select("Milk", "Bread")
    alice.plan("Tomorrow")
    agree("Milk @", "Bread @", "Salad", "# Drinks", water, "Tea", "+1")
    alice.label("fresh")
    agree("Milk *fresh @", "Bread *fresh @", "Salad", "# Drinks", water, "Tea", "+1")
    alice.finish()
    agree("Salad", "# Drinks", water, "Tea", "+3")

    bob.delete("Tea")
    agree("Salad", "# Drinks", water, "+3")
    site.only(1)
    windows[1].page.reload()
    seats[1].live()
    site.only(None)
    desk.check_replicas()
    bob.undo()
    agree("Salad", "# Drinks", water, "Tea", "+3")

    windows[0].context.set_offline(True)
    alice.prioritize("Salad", "High")
    expect(windows[0].page.locator("#unsaved")).not_to_be_empty()
    bob.prioritize("Salad", "Low")
    expect(windows[1].row("Salad").locator(".check")).to_have_class("check low")
    wait_until(lambda: "Salad !low" in desk.stored(), what="Bob's priority")
    windows[0].context.set_offline(False)
    alice.compare("Yours")
    agree("Salad !high", "# Drinks", water, "Tea", "+3")

    bob.search("sal", "Salad")
    expect(windows[1].page.locator("#detail").get_by_label("Title")).to_have_value("Salad")
    bob.close()
    alice.command("Add a task to this list")
    expect(windows[0].composer).to_be_focused()
    agree("Salad !high", "# Drinks", water, "Tea", "+3")
