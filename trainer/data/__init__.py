"""What lies on disk: folders, manifests, tables of labels, images and masks."""
