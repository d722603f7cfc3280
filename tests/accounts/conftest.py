"""Accounts with a password that is quick to check."""

import pytest

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(world):
    """The worker, with a mobile number and a password."""
    from accounts.changes import change

    user = world.users["worker"]
    user.mobile = "13812345678"
    user.set_password(PASSWORD)
    with change(None, "test.password"):
        user.save()
    return user
