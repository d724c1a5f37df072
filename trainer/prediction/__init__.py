"""What `trainer predict` writes: the service's answers as a table and a grid."""
