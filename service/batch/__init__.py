"""Many images in one request: files and archives in, one result for each image and a summary out."""
