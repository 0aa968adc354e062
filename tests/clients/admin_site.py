"""The Django admin as a person with a browser uses it: pages are read, forms filled in and sent with their tokens."""

from html.parser import HTMLParser
from typing import Any, Self

import httpx

from tests.cast import Person

Form = dict[str, str]


class FormReader(HTMLParser):
    """The forms of a page that are sent with POST, each with the values that it shows; submit buttons left out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._name: str | None = None  # of the textarea or select that is being read
        self._text: list[str] | None = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value = found.get("name"), found.get("value")
        if tag == "form" and found.get("method", "").lower() == "post" and found.get("id") != "logout-form":  # type: ignore[union-attr]
            self._form = {}
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input" and name and found.get("type") not in ("submit", "button"):
            if found.get("type") not in ("checkbox", "radio") or "checked" in found:
                self._form[name] = value or "on" if found.get("type") == "checkbox" else value or ""
        elif tag in ("textarea", "select"):
            self._name, self._text = name, [] if tag == "textarea" else None
        elif tag == "option" and self._name and "selected" in found:
            self._form[self._name] = value or ""

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in ("textarea", "select"):
            if self._form is not None and self._name and self._text is not None:
                # As browsers do: the first line break after the tag is not part of the value.
                self._form[self._name] = "".join(self._text).removeprefix("\n")
            self._name = self._text = None


class AdminSite(httpx.Client):
    """A browser that is signed in at the admin's own door."""

    def __init__(self, url: str, person: Person) -> None:
        super().__init__(base_url=url, timeout=30, trust_env=False, verify=False)
        self.person = person

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            self.submit("/admin/login/", username=self.person.username, password=self.person.password)
        except BaseException:
            self.close()
            raise
        return self

    def submit(self, path: str, **values: str | None) -> httpx.Response:
        """Fills in the page's form and sends it; None unticks a box. Raises AssertionError when it is not taken."""
        page = self.get(path)
        assert page.status_code == 200, f"{path}: {page.status_code}"
        form: dict[str, Any] = {**FormReader(page.text).forms[-1], **values}
        answer = self.post(path, data={name: value for name, value in form.items() if value is not None})
        assert answer.status_code == 302, f"{path}: {answer.status_code} {_errors(answer.text)}"
        return answer


def _errors(page: str) -> str:
    lines = [line.strip() for line in page.splitlines()]
    return " ".join(line for line in lines if "error" in line)[:1000]
