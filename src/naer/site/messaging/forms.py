"""The upload form: several message files at once."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

MOST = 200
LARGEST = 5 * 1024 * 1024
"""Bytes of one file."""


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Some files, as a list."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Message files"),
            widget=SeveralFiles(attrs={"multiple": True, "accept": ".json,.xml"}),
            help_text=_("MedCom, PLO or AppRec, JSON or XML. Several files at once are taken in together."),
            error_messages={"required": _("Choose at least one file.")},
        )

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":  # noqa: ARG002
        """The files.

        Raises:
            ValidationError: for none, too many, or one that is too large.
        """
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files:
            raise forms.ValidationError(self.error_messages["required"])
        if len(files) > MOST:
            raise forms.ValidationError(_("At most 200 files at once."))
        if any((file.size or 0) > LARGEST for file in files):
            raise forms.ValidationError(_("A file is larger than 5 MB. No message is that large."))
        return list(files)


class UploadForm(forms.Form):
    message_files = FilesField()
