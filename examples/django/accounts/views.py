"""The routes of the project."""

import json

import signalbox
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from signalbox.resolving import django_resolver

from . import creation, documented


def shown(user):
    return {"id": user.id, "username": user.username, "email": user.email, "first_name": user.first_name}


@csrf_exempt
@require_POST
def users(request):
    """Makes a user, around whom the functions are asked."""
    try:
        user = creation.create_user(json.loads(request.body), request.user)
    except signalbox.ValidationError as refusal:
        return JsonResponse({"message": str(refusal), "errors": refusal.by_field()}, status=400)
    except IntegrityError:
        # `around` has aborted the operation.
        return JsonResponse({"message": "there is a user of that name"}, status=409)
    return JsonResponse(shown(user), status=201)


@csrf_exempt
@require_POST
def documented_users(request):
    """The same, step by step as it is documented."""
    try:
        user = documented.create_user(json.loads(request.body), request.user)
    except ValidationError as refusal:
        return JsonResponse({"message": " ".join(refusal.messages)}, status=400)
    return JsonResponse(shown(user), status=201)


#: Where Signalbox asks what became of an operation.
resolve = django_resolver(settings.SIGNALBOX_RESOLVE_SECRET)(creation.resolve)
