"""publish_in, against a PostgreSQL at INBOX_DSN with an inbox, from which a server moves events."""

import asyncio
import os
import unittest

import django
import psycopg
from django.conf import settings
from django.db import connection, transaction

from signalbox import Event, InvalidRequest, apublish_in, publish_in

dsn = os.environ["INBOX_DSN"]

if not settings.configured:
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts["dbname"],
        "USER": parts["user"],
        "HOST": parts["host"],
        "PORT": parts["port"],
    }
    settings.configure(
        DATABASES={"default": database}, INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"]
    )
    django.setup()


def placed(number: int, **more) -> Event:
    return Event(event_type="POST_ORDER_PLACE", params={"id": number, **more}, resource=f"order-{number}-900")


class PublishIn(unittest.TestCase):
    def tearDown(self):
        connection.close()

    def test_a_connection_and_a_cursor(self):
        with psycopg.connect(dsn) as own:
            publish_in(own, placed(1), user="ada")
            with own.cursor() as cursor:
                publish_in(cursor, placed(2), user={"username": "ada", "plan": "pro"}, tenant="default")
        with self.assertRaises(RuntimeError), psycopg.connect(dsn) as own:
            publish_in(own, placed(100))
            raise RuntimeError("rolled back")

    def test_django(self):
        with transaction.atomic():
            publish_in(connection, placed(3))
            with connection.cursor() as cursor:
                publish_in(cursor, placed(4, note="100 % sure: %s"))
        with self.assertRaises(RuntimeError), transaction.atomic():
            publish_in(connection, placed(101))
            raise RuntimeError("rolled back")

    def test_asynchronous(self):
        async def publish():
            async with await psycopg.AsyncConnection.connect(dsn) as own:
                await apublish_in(own, placed(5), user="ada")

        asyncio.run(publish())

    def test_texts_as_they_are(self):
        with psycopg.connect(dsn) as own:
            publish_in(own, placed(6, note="nul \0, half \ud800, ü, \U0001f600"))

    def test_refused_before_any_statement(self):
        with psycopg.connect(dsn) as own:
            for said, at in ((object(), "params.note"), (float("nan"), "params.note"), ("ü" * 200_000, "params")):
                with self.assertRaises(InvalidRequest) as refused:
                    publish_in(own, placed(102, note=said))
                self.assertEqual(refused.exception.fields[0].path, at)
            with self.assertRaises(InvalidRequest):
                publish_in(own, placed(102), resource="order-7-900")
            with self.assertRaises(InvalidRequest):
                publish_in(object(), placed(102))
            publish_in(own, placed(7))


if __name__ == "__main__":
    unittest.main()
