"""Django's admin with this application's site."""

from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    default_site = "tasks.core.admin_site.Site"
