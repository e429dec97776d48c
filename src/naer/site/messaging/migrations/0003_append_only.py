from django.db import migrations

from naer.site.append_only import refuse


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_letters")]
    operations = [refuse("messaging_delivery")]
