from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher

from tasks.accounts.password_slots import hashed


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with the parameters that OWASP recommends: 19 MiB and about 30 ms a hash, where Django's default takes
    100 MiB. Hashes with other parameters remain valid and are replaced when their person signs in.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, *args: Any, **kwargs: Any) -> str:
        return hashed(super().encode, *args, **kwargs)

    def verify(self, *args: Any, **kwargs: Any) -> bool:
        return hashed(super().verify, *args, **kwargs)
