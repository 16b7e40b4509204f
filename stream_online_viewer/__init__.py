"""Stream online viewer: one live bsread stream of camera images, shown in many web browsers."""

__version__ = "0.2.0"
