"""What is wrong with Dockerfiles, ignore files, compose files and workflows, and the edits that mend it."""
