"""What is kept beside Django's own users."""

from django.conf import settings
from django.db import models


class Creation(models.Model):
    """
    What became of an operation that makes a user. Written in the transaction that makes the user, so that one is there if the other is.

    Without a user it was given up: a process that still wants to carry it out finds its id taken.
    """

    operation_id = models.CharField(max_length=64, primary_key=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)
    attributes = models.JSONField(default=dict)
