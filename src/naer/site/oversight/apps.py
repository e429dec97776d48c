from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "naer.site.oversight"
    label = "oversight"
