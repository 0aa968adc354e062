from tasks.accounts.models import User
from tasks.accounts.representation import me_json, user_json
from tasks.core.api.serializers import LiveSerializer


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
