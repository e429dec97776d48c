from django.apps import AppConfig


class DeviationsConfig(AppConfig):
    name = "naer.site.deviations"
    label = "deviations"
    default_auto_field = "django.db.models.BigAutoField"
