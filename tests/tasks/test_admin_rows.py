"""How many rows a form within a form of the admin may say that it has."""

from typing import Any

import pytest
from django.contrib.admin import site
from django.test import Client

from tasks.core.admin import MOST_ROWS
from tasks.models import Membership, TaskList
from tests.tasks.answers import People

pytestmark = pytest.mark.django_db(transaction=True)


def post(browser: Client, target: TaskList, total: int, initial: int, **fields: str) -> Any:
    data = {"name": "x", "owner": str(target.owner_id), "color": "#000000", **fields}
    data |= {"memberships-TOTAL_FORMS": str(total), "memberships-INITIAL_FORMS": str(initial)}
    return browser.post(f"/admin/tasks/tasklist/{target.pk}/change/", data)


@pytest.mark.parametrize("initial", [0, 500_000])
def test_a_form_that_says_it_has_very_many_rows(
    initial: int, browser: Client, people: People, shared: TaskList
) -> None:
    """It comes back with a sentence, nothing is written, and no row is made for each."""
    response = post(browser, shared, max(initial, 500_000), initial)
    assert response.status_code == 200
    assert f"Please submit at most {MOST_ROWS} forms." in response.content.decode()
    (formset,) = response.context["inline_admin_formsets"]
    assert len(formset.formset.forms) <= MOST_ROWS
    assert TaskList.objects.get(pk=shared.pk).name != "x"


def test_rows_that_are_there_are_saved(browser: Client, people: People, shared: TaskList) -> None:
    """A new member among them."""
    carol = people["carol"]
    fields = {"memberships-0-user": str(carol.pk), "memberships-0-role": "viewer", "memberships-0-id": ""}
    Membership.objects.filter(list=shared, user=carol).delete()
    kept = Membership.objects.filter(list=shared).count()
    assert post(browser, shared, 1, 0, **fields).status_code == 302
    assert Membership.objects.filter(list=shared).count() == kept + 1


def test_every_form_within_a_form_has_the_bound(rf: Any, admin_user: Any) -> None:
    """Also the lists whose rows can be edited: there are none."""
    request = rf.get("/admin/")
    request.user = admin_user
    for model, page in site._registry.items():
        assert not page.list_editable, model
        for inline in page.get_inlines(request, None):
            formset = inline(model, site).get_formset(request)
            assert formset.absolute_max <= MOST_ROWS, inline
