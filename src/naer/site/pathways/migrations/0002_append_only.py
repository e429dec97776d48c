from django.db import migrations

from naer.site.append_only import refuse


class Migration(migrations.Migration):
    dependencies = [("pathways", "0001_initial")]
    operations = [refuse("pathways_loggedevent"), refuse("pathways_anchor")]
