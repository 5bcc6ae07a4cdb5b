"""The database itself refuses to change or delete a line of the journal."""

from django.db import migrations

from yike.web.journal.seal import seal, unseal


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [
        migrations.RunPython(
            lambda apps, editor: seal(editor.connection), lambda apps, editor: unseal(editor.connection)
        )
    ]
