"""Which pictures show the same: search by correlation, connected components, nearest neighbours."""
