"""User creation without a gap: whatever dies in between, a user that is there is announced, and one that is not is not."""

import logging

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, transaction
from signalbox import EventService, NotAnnounced
from signalbox.resolving import aborted, committed

from .models import Creation

logger = logging.getLogger(__name__)

#: After which it is not known whether the database has committed: the connection was lost on the way.
unknown = (OperationalError, InterfaceError)


def create_user(data, asked_by):
    """Raises signalbox.ValidationError when a function does not agree; nothing was done then."""
    try:
        with EventService().around("USER_CREATE", data, user=asked_by, unknown_on=unknown) as operation:
            # As the functions left it: they may have changed names and attributes.
            said = operation.params
            with transaction.atomic():
                names = {name: said[name] for name in ("first_name", "last_name") if name in said}
                user = User.objects.create_user(said["username"], said.get("email", ""), **names)
                creation = Creation.objects.create(
                    operation_id=operation.operation_id, user=user, attributes=said.get("attributes", {})
                )
            operation.result(announced(creation))
    except NotAnnounced as later:
        # The user is there. Signalbox will ask about the operation, and announce it then.
        logger.warning("%s", later)
    return user


def announced(creation):
    """The params of POST_USER_CREATE."""
    user = creation.user
    return {
        "id": user.id,
        "user_id": user.id,
        "username": user.username,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "attributes": creation.attributes,
    }


def resolve(question):
    """What became of an operation whose end Signalbox was not told."""
    # Giving it up takes its id, so that a process that is still at it cannot commit afterwards.
    creation, given_up = Creation.objects.get_or_create(operation_id=question.operation_id)
    if given_up or creation.user is None:
        return aborted("the user was not made")
    return committed(announced(creation))
