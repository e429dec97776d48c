"""The sign-in form."""

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """User name and password; says the same whatever was wrong."""

    error_messages = {
        "invalid_login": _("That user name and password do not belong together. Try again."),
        "inactive": _("That user name and password do not belong together. Try again."),
    }
