PseudonymKey = bytes


def deidentified(made, key):
    return made


def read_key(path):
    return path.read_bytes()
