"""Rooms that face people and programs: parse, call, render."""
