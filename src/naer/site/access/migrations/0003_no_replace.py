from django.db import migrations

from naer.site.append_only import renew

TABLES = ("access_accessentry", "pathways_anchor", "pathways_loggedevent")
"""Those that were there then."""


class Migration(migrations.Migration):
    dependencies = [("access", "0002_append_only"), ("pathways", "0002_append_only")]
    operations = [renew(table) for table in TABLES]
