"""How sending a result to another system fails."""


class DeliveryError(Exception):
    """The other system did not take a result; the message names cause and remedy, and no patient."""


class DeliveryFailed(DeliveryError):
    """It may take the result later: it is down, slow or out of resources."""


class DeliveryRefused(DeliveryError):
    """It will not take this result however often it is sent."""
