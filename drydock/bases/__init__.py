"""Base images: present, mirrored, pulled, or made as a stand-in."""
