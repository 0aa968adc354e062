from uuid import uuid4

from django.conf import settings
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone

signed_out = Signal()
"""Sent with `user_id`, inside the transaction that ends a sign-in of that person."""


class SignInQuerySet(models.QuerySet["SignIn"]):
    def end(self) -> int:
        """Ends those that have not ended; returns how many those were. Their tokens are worth nothing from then on."""
        with transaction.atomic():
            going = dict(self.filter(ended_at=None).select_for_update().values_list("pk", "user_id"))
            self.model.objects.filter(pk__in=going).update(ended_at=timezone.now())
            for user_id in sorted(set(going.values())):
                signed_out.send(sender=self.model, user_id=user_id)
        return len(going)

    end.alters_data = True  # type: ignore[attr-defined]


class SignIn(models.Model):
    """One person signed in with one client. Its refresh tokens replace each other; ending it ends all of them."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(help_text="When its newest refresh token does.")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Signed out, or a used token came back.")

    objects = SignInQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user} since {self.created_at:%Y-%m-%d %H:%M}"
