"""Query parameters. One that an address does not know, or that is given twice, is an error that names it."""

from collections.abc import Collection

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request


def check_parameters(request: Request, known: Collection[str], *, repeatable: Collection[str] = ()) -> None:
    """Raises ValidationError. `repeatable`: those of the known ones that may be given several times."""
    wrong = {
        name: "There is no such parameter." if name not in known else "Give this parameter once."
        for name, values in request.query_params.lists()
        if name not in known or (len(values) > 1 and name not in repeatable)
    }
    if wrong:
        raise ValidationError(wrong)
