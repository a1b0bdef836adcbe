"""Tests of how alike the double is."""
