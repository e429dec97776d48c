"""The WSGI application, for granian or any other server."""

import os

from django.core.wsgi import get_wsgi_application

from naer.site import boot

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "naer.site.settings")
site = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402  (Django is set up by the line above)

from naer.site.messaging import gate  # noqa: E402
from naer.site.messaging.door import Door  # noqa: E402

application = Door(site)
_ = get_resolver().url_patterns  # every page is loaded, not only by who asks first
boot.before_threads()
gate.man()
boot.settle()
