"""How a network is fitted: batches, epochs, cached features, calibration."""
