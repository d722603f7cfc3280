"""`create_api_key NAME --at CODE --role ROLE --scopes a:read,b:read`: a key for a program, shown once."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from stations.people import create_service_key, place_coded


class Command(BaseCommand):
    help = "Make a service account with a post and a key, and print the key once."

    def add_arguments(self, parser):
        parser.add_argument("name")
        parser.add_argument("--at", required=True, help="12 digits: a division; with '-': a station; else an agency")
        parser.add_argument("--role", required=True)
        parser.add_argument("--scopes", required=True, help="comma-separated, such as stations:read,metrics:read")

    def handle(self, *, name, at, role, scopes, **_options):
        wanted = [s.strip() for s in scopes.split(",") if s.strip()]
        try:
            key, secret = create_service_key(None, name=name, place=place_coded(at), role=role, scopes=wanted)
        except DomainError as e:
            raise CommandError(str(e.message)) from e
        self.stdout.write(
            _("密钥“%(name)s”（%(scopes)s），只显示这一次：") % {"name": key.name, "scopes": ", ".join(key.scopes)}
        )
        self.stdout.write(secret)
