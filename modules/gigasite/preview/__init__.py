"""What a reviewer of a change needs to know of a site: its figures, in one document."""
