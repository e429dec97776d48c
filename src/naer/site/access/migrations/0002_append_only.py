from django.db import migrations

from naer.site.append_only import refuse


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [refuse("access_accessentry")]
