"""The exceptions of this project.

ViewerError
+-- SettingsError         an option that cannot be used; ends the program with exit code 2 and one line
+-- ProtocolError         bytes that are no message of our own protocols (live socket or link)
+-- source.problems.Refused, source.problems.Invalid     what the stream sent
"""


class ViewerError(Exception):
    """Base of all exceptions that this project raises on purpose."""


class SettingsError(ViewerError):
    """An option that cannot be used. The text is one line for the user."""


class ProtocolError(ViewerError):
    """Bytes that do not follow the live protocol or the link protocol."""
