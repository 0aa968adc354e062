"""Loaded again without a server or a network: the page opens with what was last there, and nobody else's."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Error, expect

from tests.cast import ALICE, BOB
from tests.servers import Replica, Serve, wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

KEPT = """async () => {
  const answer = await caches.match("/copy", { cacheName: "copy" });
  const worker = navigator.serviceWorker.controller ? "worker" : "";
  return [worker, await answer?.text() ?? ""];
}"""
SHELLS = "caches.keys().then((names) => names.filter((name) => name.startsWith('shell-')))"
NOT_LOADED = "Your tasks could not be loaded"


def copy_of(window: Window) -> str:
    """What this browser keeps of a person."""
    _, text = window.page.evaluate(KEPT)
    return str(text)


def wait_for_copy(window: Window, text: str) -> None:
    """Waits until a worker answers for the page, and the copy on the device has this text."""

    def is_there() -> bool:
        worker, copy = window.page.evaluate(KEPT)
        return bool(worker and copy) and text in copy

    wait_until(is_there, timeout=30, what=f"a copy with {text!r}")


def forget_http_cache(window: Window) -> None:
    """So that files come from the server or from what the page has kept, and not from what any browser keeps."""
    window.context.new_cdp_session(window.page).send("Network.clearBrowserCache")


@pytest.fixture
def open_kept(open_window: Open) -> Open:
    """As open_window, in a browser that may keep the page, once it has kept a state with the text `has`."""

    def opened(*args: Any, has: str = "", **options: Any) -> Window:
        window = open_window(*args, service_workers="allow", **options)
        wait_for_copy(window, has)
        forget_http_cache(window)
        return window

    return opened


def test_a_page_without_a_server_shows_what_was_there(team: Team, open_kept: Open):
    """What was added meanwhile is there too; it arrives once, when the server is back."""
    task_list = team.new_list("Party", "Milk")
    alice = open_kept(ALICE, task_list=task_list, has="Milk")
    team.replicas[0].kill()
    alice.page.reload()
    expect(alice.row("Milk")).to_be_visible()
    expect(alice.badge).to_have_text("Offline")
    expect(alice.page.locator("#account-name")).to_have_text("alice")
    alice.add("Added on the train")
    expect(alice.row("Added on the train")).to_contain_text("Not saved yet")
    alice.page.reload()
    expect(alice.row("Added on the train")).to_be_visible()
    expect(alice.page.locator("#unsaved")).to_have_text("1 change not saved yet")
    alice.page.keyboard.press("?")
    expect(alice.page.get_by_role("dialog")).to_contain_text("shortcuts")  # a part that is loaded later
    alice.page.keyboard.press("Escape")
    team.sessions["bob"].post("/api/tasks", json={"list": task_list, "title": "By Bob"}).raise_for_status()
    team.replicas[0].start()
    alice.expect_status("live", timeout=40_000)
    wait_until(lambda: "Added on the train" in team.tasks(task_list), timeout=40, what="the change")
    for title in ("Milk", "By Bob", "Added on the train"):
        expect(alice.row(title)).to_have_count(1)
    assert sorted(team.tasks(task_list)) == ["Added on the train", "By Bob", "Milk"]


def test_what_is_added_without_a_network_reaches_the_others_once(team: Team, open_kept: Open, open_window: Open):
    task_list = team.new_list("Party", "Milk")
    alice = open_kept(ALICE, task_list=task_list, has="Milk")
    bob = open_window(BOB, replica=1, task_list=task_list)
    team.replicas[0].kill()
    alice.add("Bread")
    expect(alice.row("Bread")).to_contain_text("Not saved yet")
    alice.page.reload()
    expect(alice.row("Bread")).to_be_visible()
    expect(bob.row("Bread")).to_have_count(0)
    team.replicas[0].start()
    expect(bob.row("Bread")).to_be_visible(timeout=40_000)
    alice.expect_status("live")
    expect(alice.page.locator("#unsaved")).to_have_text("")
    alice.reload()
    for window in (alice, bob):
        expect(window.row("Bread")).to_have_count(1)


def test_a_server_that_does_not_answer_is_not_waited_for(team: Team, open_kept: Open):
    """Stopped, not ended: it takes connections, and never answers."""
    task_list = team.new_list("Party", "Milk")
    alice = open_kept(ALICE, task_list=task_list, has="Milk")
    team.replicas[0].pause()
    try:
        alice.page.reload(wait_until="commit")
        expect(alice.row("Milk")).to_be_visible(timeout=15_000)
    finally:
        team.replicas[0].resume()
    alice.expect_status("live", timeout=40_000)


def test_another_log_is_noticed(team: Team, open_kept: Open):
    """The database was restored while the page was away: what it shows comes from a new snapshot."""
    task_list = team.new_list("Party", "Milk")
    alice = open_kept(ALICE, task_list=task_list, has="Milk")
    team.replicas[0].kill()
    alice.page.reload()
    expect(alice.row("Milk")).to_be_visible()
    with team.database() as database:  # as in a back-up of before: no event tells of it
        database.execute("UPDATE tasks_task SET title = 'Bread' WHERE title = 'Milk'")
    team.manage("new_epoch")
    team.replicas[0].start()
    alice.expect_status("live", timeout=40_000)
    expect(alice.row("Bread")).to_be_visible()
    expect(alice.row("Milk")).to_have_count(0)


# Whose it is


def expect_nothing_kept(team: Team, window: Window, *texts: str) -> None:
    """Without a server, the page opens without anything of a person."""
    team.replicas[0].kill()
    window.page.goto(window.url)
    expect(window.page.get_by_text(NOT_LOADED)).to_be_visible()
    assert not copy_of(window)
    for text in (*texts, "alice"):
        assert text not in window.page.content()


def test_signing_out_leaves_nothing(team: Team, open_kept: Open):
    task_list = team.new_list("Party", "Milk")
    alice = open_kept(ALICE, task_list=task_list, has="Milk", own_session=True)
    alice.account("Sign out")
    expect(alice.page.get_by_role("heading", name="Sign in to Todo")).to_be_visible()
    assert not copy_of(alice)
    expect_nothing_kept(team, alice, "Milk")


def test_a_sign_out_elsewhere_leaves_nothing_to_see(team: Team, open_kept: Open):
    """In the admin, say, with no page open that could delete it."""
    task_list = team.new_list("Party", "Milk")
    alice = open_kept(ALICE, task_list=task_list, has="Milk", own_session=True)
    alice.page.goto("about:blank")
    token = next(cookie["value"] for cookie in alice.context.cookies() if cookie["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Referer": alice.url}
    assert alice.context.request.post(f"{alice.url}/logout", headers=headers, max_redirects=0).status == 302
    expect_nothing_kept(team, alice, "Milk")


def test_an_ended_session_leaves_nothing(team: Team, open_kept: Open):
    """The page learns it from the socket, or is sent to the sign-in when it is opened."""
    task_list = team.new_list("Party", "Milk")
    alice = open_kept(ALICE, task_list=task_list, has="Milk")
    alice.context.clear_cookies(name="sessionid")
    other = alice.new_tab()
    other.page.goto(other.url)
    expect(other.page.get_by_role("heading", name="Sign in to Todo")).to_be_visible()
    wait_until(lambda: not copy_of(other), what="the copy to go")
    other.sign_in()
    other.expect_loaded()
    wait_for_copy(other, "Milk")
    alice.context.clear_cookies(name="sessionid")
    team.replicas[0].restart()
    alice.expect_status("signed out", timeout=40_000)
    other.expect_status("signed out", timeout=40_000)
    wait_until(lambda: not copy_of(alice), what="the copy to go")


def test_another_person_sees_nothing_of_the_first(team: Team, open_kept: Open):
    """Not with the first one's page still open either, which would write what it shows."""
    task_list = team.new_list("Private", "Alice's milk", members={})
    alice = open_kept(ALICE, task_list=task_list, has="Alice's milk")
    bob = alice.new_tab(BOB)
    alice.context.clear_cookies(name="sessionid")
    bob.sign_in()
    bob.expect_loaded()
    wait_for_copy(bob, '"username":"bob"')
    team.sessions["alice"].post("/api/tasks", json={"list": task_list, "title": "Alice's bread"}).raise_for_status()
    expect(alice.row("Alice's bread")).to_be_visible()  # there is something to write
    team.replicas[0].kill()
    alice.expect_status("offline", timeout=30_000)
    bob.page.reload()
    expect(bob.page.locator("#account-name")).to_have_text("bob")
    assert "Alice" not in copy_of(bob)
    assert "Alice" not in bob.page.content()


# Releases


@pytest.fixture
def next_release(static_root: Path, tmp_path: Path) -> Path:
    """The collected files of a later release: another app.js, under another name."""
    folder = Path(shutil.copytree(static_root, tmp_path / "static"))
    manifest = json.loads((folder / "staticfiles.json").read_text())
    old = manifest["paths"]["tasks/app.js"]
    new = manifest["paths"]["tasks/app.js"] = "tasks/app.0123456789ab.js"
    (folder / new).write_text((folder / old).read_text() + "\ndocument.body.dataset.release = 'next';\n")
    for path in folder.glob(f"{old}*"):
        path.unlink()
    (folder / "staticfiles.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def replica(team: Team, tmp_path: Path) -> Iterator[Replica]:
    """A replica for this test alone, on the same database; the last one of the team."""
    with Serve(tmp_path, "--proxy-headers", env=team.replicas[0].env) as replica:
        team.replicas.append(replica)
        yield replica
        team.replicas.remove(replica)


def restart_with(replica: Replica, **variables: str) -> None:
    replica.kill()
    replica.env = {**replica.env, **variables}
    replica.start()


def test_a_new_release_is_taken_at_once(team: Team, open_kept: Open, replica: Replica, next_release: Path):
    """And is what opens without a network from then on; nothing of the old one stays."""
    task_list = team.new_list("Party", "Milk")
    alice = open_kept(ALICE, replica=-1, task_list=task_list, has="Milk")
    [before] = alice.page.evaluate(SHELLS)
    restart_with(replica, STATIC_ROOT=str(next_release))
    alice.page.reload()
    expect(alice.page.locator("body[data-release=next]")).to_be_attached()
    alice.expect_loaded()
    wait_until(lambda: before not in alice.page.evaluate(SHELLS), timeout=30, what="the old files to go")
    assert len(alice.page.evaluate(SHELLS)) == 1
    wait_until(lambda: "0123456789ab" in copy_of(alice), timeout=30, what="a copy by the new release")
    replica.kill()
    forget_http_cache(alice)
    alice.page.reload()
    expect(alice.page.locator("body[data-release=next]")).to_be_attached()
    expect(alice.row("Milk")).to_be_visible()


def test_what_is_switched_off_leaves_the_devices(team: Team, open_kept: Open, replica: Replica):
    """With the next page that they load; those that are open keep nothing any more."""
    alice = open_kept(ALICE, replica=-1)
    other = alice.context.new_page()
    other.goto(alice.page.url)
    other.wait_for_function("navigator.serviceWorker.controller !== null")
    other.evaluate("navigator.serviceWorker.addEventListener('message', () => (globalThis.isTold = true))")
    restart_with(replica, KEEP_ON_DEVICE="false")
    alice.reload()
    registered = "navigator.serviceWorker.getRegistrations().then((all) => all.length)"
    kept = "caches.keys().then((names) => names.length)"
    wait_until(
        lambda: alice.page.evaluate(registered) + alice.page.evaluate(kept) == 0, timeout=30, what="nothing kept"
    )
    other.wait_for_function("globalThis.isTold")
    other.close()
    alice.reload()
    assert alice.page.evaluate(registered) + alice.page.evaluate(kept) == 0


def test_what_is_broken_on_the_device_stops_nothing(team: Team, open_kept: Open):
    """The network comes first: files and a copy that make no sense do not count while it answers."""
    task_list = team.new_list("Party", "Milk")
    alice = open_kept(ALICE, task_list=task_list, has="Milk")
    alice.page.evaluate("""async () => {
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) await cache.put(request, new Response("{ no sense"));
      }
    }""")
    alice.reload()
    expect(alice.row("Milk")).to_be_visible()
    alice.page.evaluate("caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))")
    alice.reload()
    expect(alice.row("Milk")).to_be_visible()


def test_a_copy_that_makes_no_sense_is_not_drawn(team: Team, open_kept: Open):
    alice = open_kept(ALICE)
    alice.page.evaluate("caches.open('copy').then((cache) => cache.put('/copy', new Response('{ no sense')))")
    team.replicas[0].kill()
    alice.page.reload()
    expect(alice.page.get_by_text(NOT_LOADED)).to_be_visible()
    team.replicas[0].start()
    alice.page.get_by_role("button", name="Try again").click()
    alice.expect_status("live")


def test_only_the_page_is_kept(team: Team, open_kept: Open):
    """The API, the sign-in and the admin are what the server says."""
    alice = open_kept(ALICE)
    team.replicas[0].kill()
    for path in ("/login", "/admin/", "/api/me"):
        with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
            alice.page.goto(alice.url + path)
    alice.complaints.clear()  # the browser's own page for that has no storage, which the windows' script wants


def test_the_kept_page_is_nobodys(team: Team):
    """It is the same for everybody who asks, and names no person."""
    url = team.replicas[0].url
    script = httpx.get(f"{url}/worker.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    release = json.loads(script.text.partition("self.release = ")[2].partition(";\n")[0])
    page = httpx.get(url + release["page"])
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in page.headers
    assert "csrfmiddlewaretoken" not in page.text
    assert 'data-username=""' in page.text
    assert all(httpx.get(url + name).status_code == 200 for name in release["files"])
    named = {name for name in release["files"] if name in page.text}
    assert {Path(name).name.split(".")[0] for name in set(release["files"]) - named} == {"later"}  # app.js asks for it
    with httpx.Client(base_url=url) as client:
        login = client.get("/login").text.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
        form = {"username": ALICE.username, "password": ALICE.password, "csrfmiddlewaretoken": login}
        assert client.post("/login", data=form, headers={"Referer": f"{url}/login"}).status_code == 302
        assert client.get(release["page"]).text == page.text
    assert httpx.get(f"{url}/offline/another").status_code == 404
