"""/search/: where is it, in every room. What is typed may be a client's name: it is posted, and goes on sealed, never in an address."""

from urllib.parse import urlencode

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.decorators.debug import sensitive_variables

from accounts.errors import DomainError
from accounts.protection import decrypt, encrypt
from casework.models import Client
from desk.gathering import search
from stations.finding import asked
from stations.models import Station
from surfaces.pages import Page


def place_of(user):
    """Where the sealed text of a search is good: with whoever typed it. An address that was handed on tells nobody else a name."""
    return f"search.text.{user.pk}"


class Search(Page):
    """`?q=` finds what may stand in an address; `?s=` is a sealed text that POST made, which finds clients too."""

    template_name = "desk/search.html"

    @sensitive_variables()
    def post(self, request, *args, **kwargs):
        text = asked(request.POST.get("q", ""))
        if not text:
            return HttpResponseRedirect(reverse("search"))
        return HttpResponseRedirect(f"{reverse('search')}?{urlencode({'s': encrypt(place_of(request.user), text)})}")

    @cached_property
    def sealed(self):
        """The text of `?s=`; "" where there is none, or it is none of ours."""
        try:
            return decrypt(place_of(self.request.user), self.request.GET.get("s", ""))
        except DomainError:
            return ""

    @sensitive_variables()
    def get_context_data(self, **kwargs):
        text = self.sealed or asked(self.request.GET.get("q", ""))
        groups = search(self.request.user, text, private=bool(self.sealed)) if text else []
        return super().get_context_data(**kwargs) | {
            "q": text, "groups": groups, "total": sum(len(group["hits"]) for group in groups),
            "all_url": reverse("stations") if self.request.user.can("see", Station) else "",
            "people": self.request.user.can("see", Client),
        }  # fmt: skip
