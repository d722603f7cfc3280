"""Reports of errors, mailed to ADMINS: where it broke, and nothing of what somebody wrote or read. Under DEBUG Django's own."""

from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from surfaces.logs import said

KEPT = {"REQUEST_METHOD", "PATH_INFO", "SERVER_PORT", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_HOST", "HTTP_USER_AGENT"}


class Silent(SafeExceptionReporterFilter):
    """Leaves out what was posted, cookies, and the local variables of every frame: any of them may name a person."""

    def get_post_parameters(self, request):
        found = super().get_post_parameters(request)
        return dict.fromkeys(found, self.cleansed_substitute) if self.is_active(request) else found

    def get_traceback_frame_variables(self, request, tb_frame):
        return [] if self.is_active(request) else super().get_traceback_frame_variables(request, tb_frame)

    def get_safe_cookies(self, request):
        found = super().get_safe_cookies(request)
        return dict.fromkeys(found, self.cleansed_substitute) if self.is_active(request) else found

    def get_safe_request_meta(self, request):
        found = super().get_safe_request_meta(request)
        return {n: v for n, v in found.items() if n in KEPT} if self.is_active(request) else found


class Reporter(ExceptionReporter):
    """Besides: no query, no file names, and an exception's words only where they are the program's own."""

    def get_traceback_data(self):
        data = super().get_traceback_data()
        if not self.filter.is_active(self.request):
            return data
        hidden = self.filter.cleansed_substitute
        for name in ("request_GET_items", "request_FILES_items"):
            data[name] = [(key, hidden) for key, _value in data.get(name) or []]
        if self.request is not None:
            data["request_insecure_uri"] = self.request.path
        for frame in data["frames"]:
            frame["exc_cause"] = frame.get("exc_cause") and type(frame["exc_cause"]).__name__
        data |= {
            "exception_value": said(self.exc_value),
            "exception_notes": "",
            "unicode_hint": "",
            "template_info": None,
        }
        return data
