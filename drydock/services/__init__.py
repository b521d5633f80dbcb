"""The compose project: its images, its containers, and how they are started."""
