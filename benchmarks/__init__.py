"""Measurements of the running program; see README.md. They assert nothing about speed."""
