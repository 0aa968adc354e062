"""What the admin is called."""

import pytest
from django.test import Client


@pytest.mark.parametrize("path", ["/admin/", "/admin/tasks/task/"])
def test_the_admin_bears_the_name_of_the_product_and_leads_to_the_page(path: str, browser: Client) -> None:
    page = browser.get(path).text
    assert "Todo administration" in page
    assert "Django administration" not in page
    assert "Django site admin" not in page
    assert '<a href="/">View site</a>' in page
