"""Reports of errors, mailed to ADMINS and shown under DEBUG: where it broke, and nothing of what somebody wrote or read."""

from django.views.debug import SafeExceptionReporterFilter

KEPT = {"REQUEST_METHOD", "PATH_INFO", "SERVER_PORT", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_HOST", "HTTP_USER_AGENT"}


class Silent(SafeExceptionReporterFilter):
    """Leaves out what was posted, cookies, and the local variables of every frame: any of them may name a person."""

    def is_active(self, request):
        return True

    def get_post_parameters(self, request):
        return {} if request is None else dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request, tb_frame):
        return []

    def get_safe_cookies(self, request):
        return {} if request is None else dict.fromkeys(request.COOKIES, self.cleansed_substitute)

    def get_safe_request_meta(self, request):
        meta = super().get_safe_request_meta(request)
        return {name: value for name, value in meta.items() if name in KEPT}
