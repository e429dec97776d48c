from django.contrib.auth.decorators import login_not_required
from django.urls import path

from naer.site.api.service import api

_patterns, _app, _name = api.urls
for _pattern in _patterns:
    if _pattern.callback is not None:  # each asks itself who calls: `fhir.caller.who`
        _pattern.callback = login_not_required(_pattern.callback)

urlpatterns = [path("api/", (_patterns, _app, _name))]
