"""From a fitted network to files: ONNX, int8, Keras, arrays."""
