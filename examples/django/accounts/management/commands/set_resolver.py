"""`python manage.py set_resolver http://127.0.0.1:8000`: tells Signalbox where this project says what became of operations."""

from django.core.management.base import BaseCommand
from signalbox import EventService


class Command(BaseCommand):
    help = "Sets the resolver, and prints the secret that its questions are signed with when that is new."

    def add_arguments(self, parser):
        parser.add_argument("base")
        parser.add_argument("--ask", action="store_true", help="ask at once about all operations that are left")

    def handle(self, *args, base, ask, **options):
        events = EventService()
        resolver = events.set_resolver(f"{base.rstrip('/')}/signalbox/resolve/")
        secret = resolver.get("signing_secret")
        if secret is not None:
            self.stdout.write(f"SIGNALBOX_RESOLVE_SECRET={secret}")
        if ask:
            for operation in list(events.operations()):
                events.ask(operation["operation_id"])
