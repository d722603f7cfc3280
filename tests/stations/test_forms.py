"""Fields of the room's forms take whatever is typed."""

import pytest
from django.core.exceptions import ValidationError

from stations.forms import PickField
from stations.models import Agency


@pytest.mark.parametrize("text", ["²", "9" * 120, "x"])
def test_what_names_nothing_is_refused_in_words(db, text):
    with pytest.raises(ValidationError):
        PickField(Agency.objects.all(), key="pk").clean(text)
