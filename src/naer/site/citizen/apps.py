from django.apps import AppConfig


class CitizenConfig(AppConfig):
    name = "naer.site.citizen"
    label = "citizen"
    default_auto_field = "django.db.models.BigAutoField"
