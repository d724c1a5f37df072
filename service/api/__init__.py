"""The HTTP interface: one router a file; they translate HTTP and do nothing else."""
