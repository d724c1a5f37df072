"""The commands of the trainer, one file each: `add` describes the options, `run` does the work."""
