"""What django-allauth may do here: sign in and out, list sessions. Nobody signs up by himself."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False

    def add_message(self, request, level, message_template=None, message_context=None, extra_tags="", message=None):
        """Signing in and out needs no message: the page that follows says it."""
