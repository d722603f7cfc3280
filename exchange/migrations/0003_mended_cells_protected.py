"""What people write in place of a wrong cell may be an ID number or a phone number: it is kept protected."""

from django.db import migrations

import accounts.protection


def protect(apps, _editor):
    """Take over what stands beside imports that are not written yet."""
    model = apps.get_model("exchange", "Import")
    for run in model.objects.exclude(mended_before={}).only("pk", "mended_before"):
        run.mended = run.mended_before
        run.save(update_fields=["mended"])


class Migration(migrations.Migration):
    dependencies = [("exchange", "0002_mapping_of_a_place")]

    operations = [
        migrations.RenameField("import", "mended", "mended_before"),
        migrations.AddField("import", "mended", accounts.protection.ProtectedJSONField(null=True)),
        migrations.RunPython(protect, migrations.RunPython.noop),
        migrations.RemoveField("import", "mended_before"),
    ]
