"""Synthetic axial brain-MRI slices, with or without a lesion, for tests and demonstrations.

Never for training or judging what ships: a phantom is drawn from a few curves and knows nothing of disease.

    geometry   closed curves in head coordinates
    canvas     curves and noise -> pixels
    head       scalp, skull, dura
    cerebrum   folded cortex, ventricles, falx, vessels: a slice through the lateral ventricles
    skull_base orbits, temporal lobes, midbrain: a slice through the sella
    lesions    glioma, meningioma, pituitary adenoma
    scanner    receiver bias, point spread, Rician noise
"""

from service.phantom.lesions import Lesion
from service.phantom.slices import brain_slice

__all__ = ["Lesion", "brain_slice"]
