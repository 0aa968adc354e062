"""Moved to tests.clients.admin_site."""

from tests.clients.admin_site import AdminSite, FormReader

__all__ = ["AdminSite", "FormReader"]
