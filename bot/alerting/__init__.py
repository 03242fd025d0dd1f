"""Decides what people hear: pure functions on frozen values."""
