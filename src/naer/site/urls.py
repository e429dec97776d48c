"""Every address of the site. Addresses hold keys, never person numbers."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
