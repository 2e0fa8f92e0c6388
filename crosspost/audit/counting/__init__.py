"""Clients, leads, money and hours, counted with their exact intervals (A0–A2, A5–A7)."""
