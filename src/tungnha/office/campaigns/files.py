"""Handing out what was sent in. The view has already decided who may have it."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404

from tungnha.campaign.models import Attachment


def handed_out(attachment: Attachment | None) -> FileResponse:
    """The file as a download, never shown in the page; Http404 where there is none."""
    if attachment is None:
        raise Http404
    try:
        content = default_storage.open(attachment.path, "rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, as_attachment=True, filename=attachment.name)
    response["Cache-Control"] = "private, no-store"
    return response
