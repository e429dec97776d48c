from django.db import migrations, models

from naer.site.append_only import renew


class Migration(migrations.Migration):
    """SQLite made the table of entries anew for its new columns, without its triggers: they come back."""

    dependencies = [("access", "0004_doors")]
    operations = [
        migrations.AddIndex(
            model_name="accessentry",
            index=models.Index(fields=["organisation", "at"], name="access_by_organisation"),
        ),
        renew("access_accessentry"),
    ]
