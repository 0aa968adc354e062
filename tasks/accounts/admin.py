from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.utils.html import format_html

from tasks.accounts.forms import AdminSignInForm, OwnPasswordForm, address_of
from tasks.accounts.models import SignIn, SignInQuerySet, User
from tasks.core.admin import LiveAdmin


class OwnPasswordView(PasswordChangeView):
    form_class = OwnPasswordForm
    template_name = "registration/password_change_form.html"
    success_url = reverse_lazy("admin:password_change_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "address": address_of(self.request)}


def change_own_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
    context = {**admin.site.each_context(request), **(extra_context or {})}
    return OwnPasswordView.as_view(extra_context=context)(request)


admin.site.login_form = AdminSignInForm
admin.site.password_change = change_own_password  # type: ignore[method-assign, assignment]


@admin.register(User)
class UserAdmin(LiveAdmin, DjangoUserAdmin):
    list_display = ["username", "name", "email", "is_active", "is_staff", "last_login"]
    search_fields = ["username", "name", "email"]
    readonly_fields = ["version", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["name", "email", "time_zone"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["last_login", "date_joined", "version"]}),
    ]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Members' rows go with the person, those of owners too; lists of their own are in the way, by name."""
        deleted, counts, permissions, protected = super().get_deleted_objects(objs, request)
        if request.user.has_perm("tasks.delete_membership"):
            permissions = permissions - {apps.get_model("tasks", "Membership")._meta.verbose_name}
        advice = "{}: give it to another owner, or delete it, first"
        return deleted, counts, permissions, [format_html(advice, one) for one in protected]


@admin.register(SignIn)
class SignInAdmin(admin.ModelAdmin):
    """Who is signed in with tokens. Sessions of browsers are not among them."""

    list_display = ["user", "created_at", "expires_at", "ended_at"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    actions = ["sign_out"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SignIn | None = None) -> bool:
        return False

    @admin.action(description="Sign out", permissions=["delete"])
    def sign_out(self, request: HttpRequest, queryset: SignInQuerySet) -> None:
        count = queryset.end()
        self.message_user(request, f"{count} signed out.")
