from django.apps import AppConfig


class DischargeConfig(AppConfig):
    name = "naer.site.discharge"
    label = "discharge"
    default_auto_field = "django.db.models.BigAutoField"
