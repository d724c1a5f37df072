"""A process that looks for new studies in an archive and classifies them, or one study that is named."""
