from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as InvalidPassword
from rest_framework import serializers

from tasks.accounts.models import User
from tasks.accounts.people import signed_in
from tasks.accounts.representation import me_json, user_json
from tasks.core.api.serializers import ClosedSerializer, LiveSerializer


class UserSerializer(LiveSerializer):
    represent = user_json

    class Meta:
        model = User
        fields = ["id", "username", "name", "is_active", "version"]
        read_only_fields = fields


class MeSerializer(LiveSerializer):
    represent = me_json

    class Meta:
        model = User
        fields = [*UserSerializer.Meta.fields, "email", "time_zone", "is_staff"]
        read_only_fields = ["id", "username", "is_active", "version", "is_staff"]


class PasswordSerializer(ClosedSerializer):
    current_password = serializers.CharField(trim_whitespace=False)
    new_password = serializers.CharField(trim_whitespace=False, max_length=1_000)

    def validate_new_password(self, value: str) -> Any:
        try:
            validate_password(value, signed_in(self.context["request"]))
        except InvalidPassword as error:
            raise serializers.ValidationError(error.messages) from None
        return value
