"""How the chart leads the application to its Redis."""

from tests.deploy.chart import containers, pick, pod_specs, render


def test_own_settings_are_added_to_the_address_of_redis():
    """They don't replace the list; an entry of its name does, and an empty one means that there is none."""

    def config(**given: str) -> tuple[str, str | None]:
        objects = render({"env": [{"name": name, "value": value} for name, value in given.items()]})
        data = pick(objects, "ConfigMap")["data"]
        return data["REDIS_URL"], data.get("LOG_FORMAT")

    assert config() == ("redis://redis:6379", None)
    assert config(LOG_FORMAT="json") == ("redis://redis:6379", "json")
    assert config(LOG_FORMAT="json", REDIS_URL="") == ("", "json")


def test_a_secret_of_redis_that_is_named_has_to_be_there():
    """A name that is misspelt would mean no password, and no word of it; that of the default may be missing."""

    def optional(name: str) -> set[tuple[str, bool]]:
        objects = render({"redis": {"bundled": True, "existingSecret": name}})
        every = [one for pod in pod_specs(objects) for container in containers(pod) for one in container.get("env", [])]
        found = [one["valueFrom"]["secretKeyRef"] for one in every if "valueFrom" in one]
        return {(one["key"], one.get("optional", False)) for one in found if one["name"] == name}

    keys, exporters = ("url", "admin-password", "app-password"), ("exporter-password", True)
    assert optional("redis-auth") == {exporters, *((key, True) for key in keys)}
    assert optional("my-redis") == {exporters, *((key, False) for key in keys)}
