"""Prose, a vendor that exists only in these tests: as unlike Kirin as one that sells clips can be."""
