"""A model with protected columns for the tests of this folder; no table of the product."""

import base64
import secrets

from django.db import connection, models
from django.test.utils import isolate_apps

from accounts.changes import TRACK
from accounts.protection import BlindIndexField, ProtectedField, ProtectedJSONField

with isolate_apps("accounts"):

    class Note(models.Model):
        """What a table of personal data looks like."""

        name = ProtectedField(max_length=10)
        story = ProtectedField(null=True, blank=True)
        needs = ProtectedJSONField(null=True)
        number = ProtectedField(max_length=18, null=True)
        number_index = BlindIndexField(source="number", purpose="test")
        plain = models.IntegerField(default=0)

        class Meta:
            app_label = "accounts"
            db_table = "accounts_note"

        def __str__(self):
            return f"{self.name}"


def make_table():
    """The table, watched by the change log as the product's are."""
    with connection.schema_editor() as editor:
        editor.create_model(Note)
    with connection.cursor() as cursor:
        cursor.execute(TRACK.format(table="accounts_note", quiet="", hidden=""))


def drop_table():
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE accounts_note")


def fresh_key():
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def stored(column="name"):
    """The column as the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM accounts_note ORDER BY id")
        return [row[0] for row in cursor.fetchall()]
