"""The main states of the page, each reached as a person reaches it, for the pictures and the accessibility test."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.cast import BOB
from tests.clients import Session


def list_open(page: Page) -> None:
    """What each of the others begins with: the list, without a panel, a dialog or a message over it."""


def list_completed(page: Page) -> None:
    page.locator("#done-toggle").click()
    expect(page.locator("#done .task").first).to_be_visible()


def task_panel(page: Page) -> None:
    page.locator("#open button.title").nth(1).click()
    expect(page.locator("#detail")).to_be_visible()


def today(page: Page) -> None:
    page.goto(page.url.split("#")[0] + "#/today")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")


def upcoming(page: Page) -> None:
    page.goto(page.url.split("#")[0] + "#/upcoming")
    expect(page.locator("#week")).to_be_visible()


def sort_and_group(page: Page) -> None:
    page.get_by_role("button", name="Sort, group and filter").click()
    expect(page.locator(".view-menu")).to_be_visible()


def filters(page: Page) -> None:
    """One in force, and what else can be filtered by."""
    page.keyboard.press("f")
    page.get_by_role("combobox", name="Filter by").fill("no date")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#filters .quick-chip")).to_have_text("No date")


def due_picker(page: Page) -> None:
    task_panel(page)
    page.locator("#detail .property-button").first.click()
    expect(page.locator(".popover")).to_be_visible()


def label_picker(page: Page) -> None:
    task_panel(page)
    page.locator("#detail").get_by_role("button", name="Labels").click()
    page.get_by_role("combobox").fill("new")
    expect(page.get_by_role("option")).to_have_count(1)


def row_menu(page: Page) -> None:
    page.locator("#open .task").nth(1).hover()
    page.locator("#open .task").nth(1).get_by_role("button", name="More for").click()
    expect(page.get_by_role("listbox")).to_be_visible()


def editing(page: Page) -> None:
    """A title that is edited in place."""
    page.locator("#open button.title").nth(2).focus()
    page.keyboard.press("F2")
    expect(page.locator("#open textarea")).to_be_focused()


def message(page: Page) -> None:
    """A message with an undo, and the completed task above it. It stays until the state is left."""
    page.evaluate("localStorage.setItem('message-seconds', '0')")
    page.locator("#open .check").nth(2).click()
    expect(page.locator(".toast")).to_be_visible()


def question(page: Page) -> None:
    """Several pasted lines, about which the page asks."""
    field = page.get_by_label("Add a task")
    field.focus()
    field.evaluate(
        """(field) => {
            const data = new DataTransfer();
            data.setData("text/plain", "Paper lanterns\\nA long extension lead\\nIce");
            const options = { clipboardData: data, bubbles: true, cancelable: true };
            field.dispatchEvent(new ClipboardEvent("paste", options));
        }"""
    )
    expect(page.locator("#composer-notice")).to_be_visible()


def people(page: Page) -> None:
    page.locator(".people").click()
    expect(page.locator(".members li").first).to_be_visible()


def list_settings(page: Page) -> None:
    """With the question before a deletion."""
    page.get_by_role("button", name="More for this list").click()
    page.get_by_role("option", name="Rename, recolour or delete").click()
    page.get_by_role("button", name="Delete list").click()
    expect(page.locator(".sure")).not_to_be_empty()


def settings(page: Page) -> None:
    command(page, "Settings")
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()


def shortcuts(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("dialog[open] .keys").first).to_be_visible()


def palette(page: Page) -> None:
    """With the focus in a row before, so that its task can be acted on."""
    page.locator("#open button.title").nth(1).focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").nth(5)).to_be_visible()


def palette_search(page: Page) -> None:
    palette(page)
    page.keyboard.type("li")


def search(page: Page) -> None:
    """Titles, notes and labels, as one types."""
    word = page.locator("#open .title-text").nth(1).inner_text().split()[0]
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Search").fill(word)
    expect(page.get_by_role("option").first).to_be_visible()


def search_nothing(page: Page) -> None:
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Search").fill("zeppelin")
    expect(page.get_by_text("No matches.")).to_be_visible()


def conflict(page: Page) -> None:
    """Two people changed the same field: both values side by side. Bob's is taken back at once."""
    origin = page.url.split("/#")[0]
    row = page.locator("#open .task").nth(1)
    path = f"/api/tasks/{row.get_attribute('data-id')}"
    with Session(origin, BOB) as bob:
        before = bob.get(path).json()["priority"]
        page.context.set_offline(True)
        row.locator("button.title").focus()
        page.keyboard.press("1")
        expect(page.locator("#unsaved")).not_to_be_empty()
        bob.patch(path, json={"priority": "low"}).raise_for_status()
        page.context.set_offline(False)
        page.get_by_role("button", name="Compare").click()
        expect(page.get_by_role("dialog", name="Two changes at the same time")).to_be_visible()
        bob.patch(path, json={"priority": before}).raise_for_status()


def selection(page: Page) -> None:
    for row in (1, 2, 4):
        page.locator("#open button.title").nth(row).click(modifiers=["ControlOrMeta"])
    expect(page.get_by_role("group", name="Selected tasks")).to_contain_text("3 tasks selected")


def quick_add(page: Page) -> None:
    """Words that were understood."""
    page.get_by_label("Add a task").press_sequentially("Pay the band tomorrow 5pm !high every week *music")
    expect(page.locator("#composer-chips .quick-chip")).to_have_count(5)


def quick_dialog(page: Page) -> None:
    page.keyboard.press("q")
    page.get_by_label("New task").press_sequentially("Buy ice on friday #Garden")
    expect(page.locator("dialog[open] .quick-chip").first).to_be_visible()


def suggestions(page: Page) -> None:
    """Names to choose from behind a sign."""
    page.get_by_label("Add a task").press_sequentially("Ask for chairs #")
    expect(page.get_by_role("option").nth(1)).to_be_visible()


def board(page: Page) -> None:
    page.keyboard.press("v")
    expect(page.locator(".card").nth(3)).to_be_visible()


def calendar(page: Page) -> None:
    page.keyboard.press("Shift+V")
    expect(page.locator(".calendar .card").first).to_be_visible()


def history(page: Page) -> None:
    """Of a task with an earlier value to restore: its priority was changed, and changed back."""
    page.locator("#open button.title").nth(1).focus()
    page.keyboard.press("3")
    page.keyboard.press("Control+z")
    expect(page.locator(".toast", has_text="Undone").first).to_be_visible()
    page.locator("#open button.title").nth(1).focus()
    page.keyboard.press("h")
    expect(page.get_by_role("button", name="Restore the priority").first).to_be_visible()


def trash(page: Page) -> None:
    command(page, "Trash")
    expect(page.get_by_role("heading", level=1)).to_have_text("Trash")
    expect(page.locator(".trash-page")).to_contain_text("30 days")


def search_page(page: Page) -> None:
    """What was found, at an address of its own."""
    page.goto(page.url.split("#")[0] + "#/search")
    page.get_by_label("Search tasks").fill("o")
    expect(page.locator(".found a").first).to_be_visible()


def account(page: Page) -> None:
    navigation(page)
    page.locator("#account").click()
    expect(page.locator("#account-menu")).to_be_visible()


def list_menu(page: Page) -> None:
    page.get_by_role("button", name="More for this list").click()
    expect(page.get_by_role("listbox")).to_be_visible()


def rename(page: Page) -> None:
    page.locator(".rename").click()
    expect(page.get_by_label("Name of the list")).to_be_focused()


def favorites(page: Page) -> None:
    """A favourite, and the navigation that is folded where it can be; the list is a favourite from then on."""
    if not page.locator("#favorites li").count():
        command(page, "Add this list to the favourites")
        expect(page.locator("#favorites li")).to_have_count(1)
    page.keyboard.press("Control+Backslash")


def command(page: Page, name: str) -> None:
    """Runs a command of the palette by its name."""
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Commands").fill(name)
    page.keyboard.press("Enter")


def navigation(page: Page) -> None:
    """The lists; on a narrow page they lie over the tasks."""
    if page.locator("#open-sidebar").is_visible():
        page.locator("#open-sidebar").click()
    expect(page.locator("#lists")).to_be_in_viewport()


def empty_list(page: Page) -> None:
    page.goto(page.url.split("#")[0] + f"#/{page.evaluate(EMPTY)}")
    expect(page.locator("#empty")).to_be_visible()


def assigned(page: Page) -> None:
    page.goto(page.url.split("#")[0] + "#/assigned")
    expect(page.get_by_role("heading", level=1)).to_have_text("Assigned to me")


def offline(page: Page) -> None:
    """Without a connection, and with a change that waits for it."""
    page.context.set_offline(True)
    page.get_by_label("Add a task").fill("Written on the train")
    page.get_by_label("Add a task").press("Enter")
    expect(page.locator("#unsaved")).not_to_be_empty()


def leave(page: Page) -> None:
    """Takes back what a state has changed for others."""
    names = "Object.keys(localStorage).filter((name) => /^(arrangements|sidebar|layout)/.test(name))"
    page.evaluate(f"for (const name of {names}) localStorage.removeItem(name)")
    if page.get_by_role("button", name="Undo", exact=True).is_visible():
        page.get_by_role("button", name="Undo", exact=True).click()
        expect(page.locator(".toast", has_text="Undone")).to_be_visible()
        expect(page.locator("#badge")).to_have_attribute("data-status", "live")


EMPTY = "[...document.querySelectorAll('#lists a')].find(each => each.textContent.includes('Reading')).hash.slice(2)"
STATES: dict[str, Callable[[Page], None]] = {
    "list": list_open,
    "completed": list_completed,
    "task": task_panel,
    "today": today,
    "upcoming": upcoming,
    "sort": sort_and_group,
    "filters": filters,
    "due": due_picker,
    "labels": label_picker,
    "row-menu": row_menu,
    "editing": editing,
    "message": message,
    "question": question,
    "people": people,
    "list-settings": list_settings,
    "settings": settings,
    "shortcuts": shortcuts,
    "palette": palette,
    "palette-search": palette_search,
    "search": search,
    "selection": selection,
    "quick-add": quick_add,
    "suggestions": suggestions,
    "quick-dialog": quick_dialog,
    "history": history,
    "trash": trash,
    "conflict": conflict,
    "search-page": search_page,
    "account": account,
    "list-menu": list_menu,
    "rename": rename,
    "favorites": favorites,
    "board": board,
    "calendar": calendar,
    "navigation": navigation,
    "empty": empty_list,
    "offline": offline,
}
PICTURES = STATES | {"search-nothing": search_nothing, "assigned": assigned}
"""For the eye alone: they have no element that the others lack."""
