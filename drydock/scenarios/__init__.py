"""Scenarios of builds: what is edited, on which copy, on which engine, and what repeated runs come to."""
