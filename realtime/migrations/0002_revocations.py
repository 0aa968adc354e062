from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("realtime", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="stream",
            name="revocations",
            field=models.BigIntegerField(
                null=True, help_text="how often somebody has lost a right here; empty: never"
            ),
        ),
    ]
